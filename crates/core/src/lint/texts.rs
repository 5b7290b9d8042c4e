//! The text itself: lines that no parser takes, and headers that some do not see.

use super::{Finding, Severity, Source, Verdict};
use awsconfig::{FileKind, SyntaxErrorKind, WarningKind};

pub(super) fn look(source: &Source, found: &mut Vec<Finding>) {
    let errors = awsconfig::errors(source.kind, &source.text);
    // Of two sections with one header the second is an error: that is enough said.
    let is_double = |line: usize| {
        let double = |kind| matches!(kind, SyntaxErrorKind::DuplicateSection { .. });
        errors.iter().any(|error| error.line == line && double(error.kind))
    };
    for error in &errors {
        let (programs, mend) = about_error(error.kind);
        let verdict = Verdict::new(
            Severity::Error,
            rule_of(error.kind),
            error.kind.to_string(),
            programs,
            mend,
        );
        found.push(verdict.at(source, error.line));
    }
    for warning in awsconfig::warnings(source.kind, &source.text) {
        if matches!(warning.kind, WarningKind::Hidden { by } if is_double(by)) {
            continue;
        }
        if let Some(verdict) = about_warning(source.kind, warning.kind) {
            found.push(verdict.at(source, warning.line));
        }
    }
    found.extend(mixed_endings(source));
}

fn rule_of(kind: SyntaxErrorKind) -> &'static str {
    match kind {
        SyntaxErrorKind::ByteOrderMark => "byte-order-mark",
        SyntaxErrorKind::BeforeFirstSection => "before-first-section",
        SyntaxErrorKind::UnclosedHeader => "unclosed-header",
        SyntaxErrorKind::EmptyKey => "empty-key",
        SyntaxErrorKind::DuplicateSection { .. } => "duplicate-section",
        SyntaxErrorKind::DuplicateKey { .. } => "duplicate-key",
        SyntaxErrorKind::NestedWithoutEquals => "nested-without-equals",
        SyntaxErrorKind::NotUtf8 => "not-utf8",
        _ => "not-an-entry",
    }
}

/// Who does what, and what mends it.
fn about_error(kind: SyntaxErrorKind) -> (&'static str, &'static str) {
    match kind {
        SyntaxErrorKind::ByteOrderMark => (
            "AWS CLI, boto3, Rust, C++, CRT and GDAL refuse the file, Go and Ruby lose its first section, JavaScript and PHP read it",
            "save the file as UTF-8 without a byte order mark",
        ),
        SyntaxErrorKind::DuplicateSection { .. } => (
            "AWS CLI and boto3 refuse the file; Go, JavaScript, Rust, Java and Ruby put the two together, PHP takes the second, GDAL the first",
            "put the lines of both under one header",
        ),
        SyntaxErrorKind::DuplicateKey { .. } => (
            "AWS CLI and boto3 refuse the file; the others take the last, .NET leaves the section out",
            "remove all but one of the lines",
        ),
        SyntaxErrorKind::NestedWithoutEquals => (
            "AWS CLI, boto3, Rust, Java, Kotlin and CRT refuse the file",
            "write `key = value` there, or remove the line",
        ),
        SyntaxErrorKind::BeforeFirstSection => (
            "AWS CLI, boto3, Rust, Java, Kotlin, C++ and CRT refuse the file, the others pass over the line",
            "move the line below a [section] header, or remove it",
        ),
        SyntaxErrorKind::UnclosedHeader => (
            "AWS CLI, boto3, Rust, Java, Kotlin, C++, CRT and PHP refuse the file, the others pass over the line",
            "close the header, as in [profile NAME]",
        ),
        _ => (
            "AWS CLI, boto3, Rust, Java, Kotlin, C++, CRT and .NET refuse the file; Go, JavaScript, Ruby and PHP pass over the line",
            "write `key = value`, or begin the line with # in the first column",
        ),
    }
}

fn about_warning(file: FileKind, kind: WarningKind) -> Option<Verdict> {
    let warn = |rule, programs, mend: &str| {
        Verdict::new(Severity::Warning, rule, kind.to_string(), programs, mend)
    };
    Some(match kind {
        WarningKind::Hidden { by } => warn(
            "hidden-section",
            "AWS CLI and boto3 read the later one only; Go, JavaScript and Rust prefer [profile default], Ruby puts the two together",
            &format!("put the lines of this section and of the one on line {by} under one header"),
        ),
        WarningKind::UnreadHeader => warn(
            "unread-header",
            "AWS CLI, boto3 and JavaScript lose the section; Go, Ruby and PHP may read it",
            "write one name after one blank: [profile NAME]",
        ),
        WarningKind::MissingPrefix => warn(
            "missing-prefix",
            "AWS CLI, boto3, Go, JavaScript, Rust and Java do not see it; Ruby, PHP and GDAL read it as a profile",
            "write [profile NAME], or [sso-session NAME]",
        ),
        WarningKind::PrefixInCredentials => warn(
            "prefix-in-credentials",
            "only Ruby reads it as the profile that is meant",
            "write [NAME] in the credentials file; sso-sessions belong into the config file",
        ),
        WarningKind::HeaderNotPortable => warn(
            "header-not-portable",
            "AWS CLI and boto3 find it; Go, JavaScript, Rust, Java, C++, CRT, PHP or GDAL do not",
            "write the type, one blank, and a name of letters, digits and _-/.%@:+ without quotes",
        ),
        WarningKind::TextAfterHeader => warn(
            "text-after-header",
            "GDAL (QGIS, rasterio) does not find the section, the others do",
            "let the header's line end with ]",
        ),
        WarningKind::Inherited => warn(
            "inherited-default",
            "AWS CLI and boto3 give these keys to every section, the others to none",
            "write [default] in small letters, and each key where it belongs",
        ),
        WarningKind::UpperCaseKey => warn(
            "upper-case-key",
            "AWS CLI, boto3, Go and Rust read it; JavaScript, Ruby, PHP, C++, CRT and GDAL do not",
            "write the key in small letters",
        ),
        WarningKind::Colon => warn(
            "colon",
            "AWS CLI, boto3 and Go read it, Rust, Java and CRT refuse the file, JavaScript, Ruby and PHP lose the key",
            "write `key = value`",
        ),
        WarningKind::IndentedKey => warn(
            "indented-key",
            "AWS CLI, boto3, Go, JavaScript and PHP read it, Rust, Java and CRT refuse the file, Ruby crashes",
            "begin the line in the first column",
        ),
        WarningKind::InlineComment => warn(
            "inline-comment",
            "AWS CLI, boto3, Ruby and PHP take ` # …` as a part of the value; Go, JavaScript, Rust and Java cut it off",
            "put the comment on a line of its own, above",
        ),
        _ if file == FileKind::Config => {
            warn("surprising", "programs differ", "see docs/configure.md")
        }
        _ => return None,
    })
}

/// Every program reads both kinds: said once, as no more than a note.
fn mixed_endings(source: &Source) -> Option<Finding> {
    let all = source.text.matches('\n').count();
    let with_return = source.text.matches("\r\n").count();
    let first_other = || {
        let first = source.text.split_inclusive('\n').next()?.ends_with("\r\n");
        source.text.split_inclusive('\n').position(|line| line.ends_with("\r\n") != first)
    };
    (with_return > 0 && with_return < all).then(first_other)?.map(|at| {
        Verdict::new(
            Severity::Note,
            "mixed-line-endings",
            "lines end in two ways, as on Windows and as on Linux",
            "all programs read both",
            "save the file with one kind of line ending",
        )
        .at(source, at + 1)
    })
}
