//! What the roles of a permission set may do: far less than IAM can say, enough to
//! be refused something.

/// Lists of actions, as `s3:GetObject`, with `*` for any letters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Policy {
    /// What is allowed; `*` alone is everything.
    pub allow: Vec<String>,
    /// What is not, whatever `allow` says.
    pub deny: Vec<String>,
}

impl Default for Policy {
    fn default() -> Self {
        Self { allow: vec!["*".to_owned()], deny: Vec::new() }
    }
}

impl Policy {
    /// Whether `action` is allowed and not denied. Letter case does not count, as
    /// in IAM.
    pub fn may(&self, action: &str) -> bool {
        let listed = |list: &[String]| list.iter().any(|pattern| fits(pattern, action));
        listed(&self.allow) && !listed(&self.deny)
    }
}

fn fits(pattern: &str, action: &str) -> bool {
    let (pattern, action) = (pattern.to_ascii_lowercase(), action.to_ascii_lowercase());
    let mut parts = pattern.split('*');
    let Some(mut rest) = parts.next().and_then(|first| action.strip_prefix(first)) else {
        return false;
    };
    let Some(last) = parts.next_back() else { return rest.is_empty() };
    for part in parts {
        match rest.find(part) {
            Some(at) => rest = &rest[at + part.len()..],
            None => return false,
        }
    }
    rest.ends_with(last)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns() {
        for (pattern, action) in [
            ("*", "s3:PutObject"),
            ("s3:*", "s3:PutObject"),
            ("s3:Get*", "s3:getobject"),
            ("s3:*Object", "s3:PutObject"),
            ("s3:*Ob*t", "s3:PutObject"),
            ("s3:PutObject", "s3:PutObject"),
        ] {
            assert!(fits(pattern, action), "{pattern} {action}");
        }
        for (pattern, action) in [
            ("s3:Get", "s3:GetObject"),
            ("s3:Get*", "s3:PutObject"),
            ("*Bucket", "s3:ListBuckets"),
            ("s3:PutObject*t", "s3:PutObject"),
            ("", "s3:PutObject"),
        ] {
            assert!(!fits(pattern, action), "{pattern} {action}");
        }
    }

    #[test]
    fn deny_wins() {
        let policy = Policy { allow: vec!["s3:*".into()], deny: vec!["s3:Put*".into()] };
        assert!(policy.may("s3:GetObject"));
        assert!(!policy.may("s3:PutObject"));
        assert!(!policy.may("sts:AssumeRole"));
        assert!(Policy::default().may("anything:AtAll"));
    }
}
