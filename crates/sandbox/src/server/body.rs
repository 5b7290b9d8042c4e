//! Answers' bodies: whole, slowly, or never to the end.

use std::collections::VecDeque;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use hyper::body::{Frame, SizeHint};
use tokio::time::{Sleep, sleep};

/// In how many pieces a body drips.
const DROPS: usize = 10;

/// A body in pieces, with a pause before each but the first.
pub(super) struct Body {
    pieces: VecDeque<Bytes>,
    left: u64,
    pause: Option<Duration>,
    waiting: Option<Pin<Box<Sleep>>>,
    /// The connection ends where the pieces do, before what was promised.
    broken: bool,
}

impl Body {
    pub(super) fn whole(bytes: Bytes) -> Self {
        let left = bytes.len() as u64;
        let pieces = if bytes.is_empty() { VecDeque::new() } else { VecDeque::from([bytes]) };
        Self { pieces, left, pause: None, waiting: None, broken: false }
    }

    /// Half of it, though all of it is announced.
    pub(super) fn cut_off(bytes: Bytes) -> Self {
        let half = bytes.slice(..bytes.len() / 2);
        // The pause lets what is there go out before the connection breaks.
        let pause = Some(Duration::from_millis(20));
        Self { left: bytes.len() as u64, broken: true, pause, ..Self::whole(half) }
    }

    pub(super) fn dripping(bytes: Bytes, pause: Duration) -> Self {
        let size = bytes.len().div_ceil(DROPS).max(1);
        let starts = (0..bytes.len()).step_by(size);
        let pieces = starts.map(|start| bytes.slice(start..bytes.len().min(start + size)));
        let pieces = pieces.collect();
        Self { pieces, pause: Some(pause), ..Self::whole(bytes) }
    }
}

impl hyper::body::Body for Body {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<io::Result<Frame<Bytes>>>> {
        if let Some(waiting) = &mut self.waiting {
            std::task::ready!(waiting.as_mut().poll(context));
            self.waiting = None;
        }
        match self.pieces.pop_front() {
            Some(piece) => {
                self.left -= piece.len() as u64;
                self.waiting =
                    self.pause.filter(|_| self.left > 0).map(|pause| Box::pin(sleep(pause)));
                Poll::Ready(Some(Ok(Frame::data(piece))))
            }
            None if self.broken => Poll::Ready(Some(Err(io::ErrorKind::UnexpectedEof.into()))),
            None => Poll::Ready(None),
        }
    }

    fn is_end_stream(&self) -> bool {
        self.pieces.is_empty() && !self.broken
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.left)
    }
}
