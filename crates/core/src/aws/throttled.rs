//! 429 without a word: retried as throttling that names itself is.

use aws_smithy_runtime_api::client::interceptors::context::InterceptorContext;
use aws_smithy_runtime_api::client::retries::classifiers::{ClassifyRetry, RetryAction};

/// The portal may answer 429 with an empty body; the SDK knows throttling by the
/// error's name only.
#[derive(Debug)]
pub(super) struct Throttled;

impl ClassifyRetry for Throttled {
    fn classify_retry(&self, context: &InterceptorContext) -> RetryAction {
        match context.response().map(|answer| answer.status().as_u16()) {
            Some(429) => RetryAction::throttling_error(),
            _ => RetryAction::NoActionIndicated,
        }
    }

    fn name(&self) -> &'static str {
        "429 without a word"
    }
}
