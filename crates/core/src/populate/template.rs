//! How profiles are named: `{account_name|slug}.{role}`.

use crate::error::{Error, Kind, Result, quoted};

/// A name with fields in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Template(Vec<Part>);

#[derive(Clone, Debug, PartialEq, Eq)]
enum Part {
    Text(String),
    Field(Field, Vec<Change>),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Field {
    AccountName,
    AccountId,
    Email,
    Role,
    Region,
    Session,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Change {
    Lower,
    Upper,
    Slug,
    Short,
    Local,
    First(usize),
    Without(String),
}

/// What the fields stand for.
#[derive(Clone, Copy, Debug)]
pub(super) struct Fields<'a> {
    pub account_name: &'a str,
    pub account_id: &'a str,
    pub email: &'a str,
    pub role: &'a str,
    pub region: &'a str,
    pub session: &'a str,
}

const FIELDS: [(&str, Field); 6] = [
    ("account_name", Field::AccountName),
    ("account_id", Field::AccountId),
    ("email", Field::Email),
    ("role", Field::Role),
    ("region", Field::Region),
    ("session", Field::Session),
];

impl Template {
    /// The name that is used if none is asked for; with the region, if there are several.
    pub fn usual(several_regions: bool) -> Self {
        let text = match several_regions {
            true => "{account_name|slug}.{role}.{region|short}",
            false => "{account_name|slug}.{role}",
        };
        Self::parse(text).unwrap_or_else(|_| unreachable!("a test reads it"))
    }

    /// Reads a template.
    ///
    /// # Errors
    /// [`Kind::Usage`] naming the field or the change that there is not.
    pub fn parse(text: &str) -> Result<Self> {
        let bad = |why: String| {
            Error::new(Kind::Usage, format!("{} is not a template for names", quoted(text)))
                .because(why)
                .hint("one looks like `{account_name|slug}.{role}`; `daypass profiles populate --help` has all fields")
        };
        let (mut parts, mut rest) = (Vec::new(), text);
        while let Some(start) = rest.find('{') {
            let (before, inside) = (&rest[..start], &rest[start + 1..]);
            let end = inside.find('}').ok_or_else(|| bad("a `{` has no `}`".to_owned()))?;
            if !before.is_empty() {
                parts.push(Part::Text(before.to_owned()));
            }
            parts.push(field(&inside[..end]).map_err(bad)?);
            rest = &inside[end + 1..];
        }
        if !rest.is_empty() {
            parts.push(Part::Text(rest.to_owned()));
        }
        if !parts.iter().any(|part| matches!(part, Part::Field(..))) {
            return Err(bad("it has no field: all profiles would have one name".to_owned()));
        }
        Ok(Self(parts))
    }

    pub(super) fn fill(&self, fields: &Fields<'_>) -> String {
        let part = |part: &Part| match part {
            Part::Text(text) => text.clone(),
            Part::Field(field, changes) => {
                let text = fields.value(*field).to_owned();
                changes.iter().fold(text, |text, change| change.of(&text))
            }
        };
        self.0.iter().map(part).collect()
    }
}

impl Fields<'_> {
    fn value(&self, field: Field) -> &str {
        match field {
            Field::AccountName => self.account_name,
            Field::AccountId => self.account_id,
            Field::Email => self.email,
            Field::Role => self.role,
            Field::Region => self.region,
            Field::Session => self.session,
        }
    }
}

fn field(text: &str) -> Result<Part, String> {
    let mut words = text.split('|').map(str::trim);
    let name = words.next().unwrap_or_default();
    let found = FIELDS.iter().find(|(known, _)| *known == name).map(|(_, field)| *field);
    let names = || FIELDS.map(|(name, _)| name).join(", ");
    let found =
        found.ok_or_else(|| format!("there is no field `{name}`: there are {}", names()))?;
    let changes = words.map(Change::parse).collect::<Result<_, _>>()?;
    Ok(Part::Field(found, changes))
}

impl Change {
    fn parse(word: &str) -> Result<Self, String> {
        let (name, value) = word.split_once(':').unwrap_or((word, ""));
        let wrong = || {
            format!(
                "there is no change `{word}`: there are lower, upper, slug, short, local, first:N and without:TEXT"
            )
        };
        match (name, value) {
            ("lower", "") => Ok(Self::Lower),
            ("upper", "") => Ok(Self::Upper),
            ("slug", "") => Ok(Self::Slug),
            ("short", "") => Ok(Self::Short),
            ("local", "") => Ok(Self::Local),
            ("first", count) => count.parse().map(Self::First).map_err(|_| wrong()),
            ("without", text) if !text.is_empty() => Ok(Self::Without(text.to_owned())),
            _ => Err(wrong()),
        }
    }

    fn of(&self, text: &str) -> String {
        match self {
            Self::Lower => text.to_lowercase(),
            Self::Upper => text.to_uppercase(),
            Self::Slug => super::names::slug(text),
            Self::Short => short_region(text),
            Self::Local => text.split('@').next().unwrap_or_default().to_owned(),
            Self::First(count) => text.chars().take(*count).collect(),
            Self::Without(part) => text.replace(part.as_str(), ""),
        }
    }
}

/// `us-east-1` is `use1`, `ap-southeast-2` is `apse2`, `us-gov-west-1` is `usgw1`.
fn short_region(region: &str) -> String {
    let mut words = region.split('-');
    let first = words.next().unwrap_or_default().to_owned();
    words.fold(first, |short, word| short + &short_word(word))
}

fn short_word(word: &str) -> String {
    for side in ["north", "south"] {
        if let Some(rest) = word.strip_prefix(side).filter(|rest| !rest.is_empty()) {
            return format!("{}{}", &side[..1], &rest[..1]);
        }
    }
    match word.bytes().all(|b| b.is_ascii_digit()) {
        true => word.to_owned(),
        false => word.chars().take(1).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn filled(template: &str) -> String {
        let fields = Fields {
            account_name: "Acme Prod (EU)",
            account_id: "012345678901",
            email: "aws+prod@acme.example",
            role: "AWSAdministratorAccess",
            region: "eu-central-1",
            session: "corp",
        };
        Template::parse(template).unwrap().fill(&fields)
    }

    #[test]
    fn fields_and_changes() {
        for (template, name) in [
            ("{account_name|slug}.{role}", "acme-prod-eu.AWSAdministratorAccess"),
            (
                "{session}/{account_id}-{role|without:AWS|lower}",
                "corp/012345678901-administratoraccess",
            ),
            ("{email|local}@{region|short}", "aws+prod@euc1"),
            ("{account_name|without:Acme|slug|first:4|upper}", "PROD"),
        ] {
            assert_eq!(filled(template), name);
        }
        Template::usual(true);
        Template::usual(false);
    }

    #[test]
    fn regions_are_short_and_still_told_apart() {
        for (region, short) in [
            ("us-east-1", "use1"),
            ("us-gov-west-1", "usgw1"),
            ("ap-southeast-2", "apse2"),
            ("ap-south-1", "aps1"),
            ("ap-northeast-3", "apne3"),
            ("eusc-de-east-1", "euscde1"),
        ] {
            assert_eq!(short_region(region), short);
        }
    }

    #[test]
    fn what_is_no_template_is_told_why() {
        for (text, why) in [
            ("plain", "no field"),
            ("{role", "no `}`"),
            ("{rolle}", "no field `rolle`"),
            ("{role|shout}", "no change `shout`"),
            ("{role|first:x}", "no change `first:x`"),
        ] {
            let error = Template::parse(text).unwrap_err();
            assert!(error.to_string().contains(why), "{error}");
        }
    }
}
