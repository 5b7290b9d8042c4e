//! What an unquoted word would be read as, by the YAML 1.2 rules the AWS CLI's writer
//! knows: `yes` and `12:30` are strings there, `012`, `1_0` and `=` are not.

/// Whether an unquoted `text` would be read back as a string.
pub(super) fn reads_as_string(text: &str) -> bool {
    let word = matches!(
        text,
        "" | "~"
            | "null"
            | "Null"
            | "NULL"
            | "true"
            | "True"
            | "TRUE"
            | "false"
            | "False"
            | "FALSE"
            | "<<"
            | "="
    );
    !(word || is_int(text) || is_float(text) || is_timestamp(text))
}

fn is_int(text: &str) -> bool {
    let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
    let octal = digits.strip_prefix("0o");
    (!text.starts_with('_') && all(digits, |c| c.is_ascii_digit()))
        || octal.is_some_and(|rest| all(rest, |c| matches!(c, '0'..='7')))
        || digits.strip_prefix("0b").is_some_and(|rest| all(rest, |c| matches!(c, '0' | '1')))
        || digits.strip_prefix("0x").is_some_and(|rest| all(rest, |c| c.is_ascii_hexdigit()))
}

/// One or more of these, or underscores.
fn all(text: &str, is_digit: fn(char) -> bool) -> bool {
    !text.is_empty() && text.chars().all(|c| c == '_' || is_digit(c))
}

fn is_float(text: &str) -> bool {
    let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
    if matches!(unsigned, ".inf" | ".Inf" | ".INF") || matches!(text, ".nan" | ".NaN" | ".NAN") {
        return true;
    }
    let (mantissa, exponent) = match unsigned.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent)),
        None => (unsigned, None),
    };
    let digit = |c: char| c.is_ascii_digit();
    let fraction_ok = |part: &str| part.is_empty() || all(part, |c| c.is_ascii_digit());
    match mantissa.split_once('.') {
        Some(("", fraction)) => {
            all(fraction, |c| c.is_ascii_digit())
                && exponent.is_none_or(|e| e.starts_with(['-', '+']) && is_exponent(e))
        }
        Some((whole, fraction)) => {
            whole.starts_with(digit)
                && fraction_ok(whole)
                && fraction_ok(fraction)
                && exponent.is_none_or(is_exponent)
        }
        None => {
            mantissa.starts_with(digit)
                && fraction_ok(mantissa)
                && exponent.is_some_and(is_exponent)
        }
    }
}

fn is_exponent(text: &str) -> bool {
    let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
    !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit())
}

/// `2026-01-31`, or a date and a time between `T` or blanks, with or without a zone.
fn is_timestamp(text: &str) -> bool {
    let mut rest = Scan(text);
    let date = rest.digits(4, 4) && rest.skip("-") && rest.digits(1, 2) && rest.skip("-");
    if !date || !rest.digits(1, 2) {
        return false;
    }
    if rest.0.is_empty() {
        return text.len() == 10;
    }
    (rest.skip("T") || rest.skip("t") || rest.blanks())
        && rest.digits(1, 2)
        && rest.skip(":")
        && rest.digits(2, 2)
        && rest.skip(":")
        && rest.digits(2, 2)
        && rest.fraction()
        && rest.zone()
}

struct Scan<'a>(&'a str);

impl Scan<'_> {
    fn skip(&mut self, prefix: &str) -> bool {
        let rest = self.0.strip_prefix(prefix);
        self.0 = rest.unwrap_or(self.0);
        rest.is_some()
    }

    fn digits(&mut self, least: usize, most: usize) -> bool {
        let found = self.0.bytes().take(most).take_while(u8::is_ascii_digit).count();
        self.0 = self.0.get(found..).unwrap_or_default();
        found >= least
    }

    fn blanks(&mut self) -> bool {
        let rest = self.0.trim_start_matches([' ', '\t']);
        let found = rest.len() < self.0.len();
        self.0 = rest;
        found
    }

    fn fraction(&mut self) -> bool {
        if self.skip(".") {
            self.0 = self.0.trim_start_matches(|c: char| c.is_ascii_digit());
        }
        true
    }

    fn zone(&mut self) -> bool {
        if self.0.is_empty() {
            return true;
        }
        self.blanks();
        if !self.skip("Z") {
            let hours = (self.skip("-") || self.skip("+")) && self.digits(1, 2);
            if !hours || (self.skip(":") && !self.digits(2, 2)) {
                return false;
            }
        }
        self.0.is_empty()
    }
}
