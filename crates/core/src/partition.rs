//! The partitions of AWS: worlds of their own, with hosts of their own.

use crate::names::Region;

/// One partition.
#[derive(Debug, PartialEq, Eq)]
pub struct Partition {
    /// As it stands in ARNs: `aws`, `aws-us-gov`, …
    pub name: &'static str,
    /// What its console and the sign-in to it are below.
    domain: &'static str,
    /// How the names of its regions begin.
    regions: &'static [&'static str],
}

/// The first one is where regions belong that no other one claims.
const ALL: [Partition; 8] = [
    of("aws", "aws.amazon.com", &[]),
    of("aws-cn", "amazonaws.cn", &["cn-"]),
    of("aws-us-gov", "amazonaws-us-gov.com", &["us-gov-"]),
    of("aws-eusc", "amazonaws-eusc.eu", &["eusc-"]),
    of("aws-iso", "c2shome.ic.gov", &["us-iso-"]),
    of("aws-iso-b", "sc2shome.sgov.gov", &["us-isob-"]),
    of("aws-iso-e", "csphome.adc-e.uk", &["eu-isoe-"]),
    of("aws-iso-f", "csphome.hci.ic.gov", &["us-isof-"]),
];

const fn of(
    name: &'static str,
    domain: &'static str,
    regions: &'static [&'static str],
) -> Partition {
    Partition { name, domain, regions }
}

impl Partition {
    /// The partition that most people know.
    pub fn commercial() -> &'static Self {
        &ALL[0]
    }

    /// The partition of a region, by its name alone: new regions need no new daypass.
    pub fn of_region(region: &Region) -> &'static Self {
        let begins = |start: &&str| region.as_str().starts_with(*start);
        ALL.iter().find(|one| one.regions.iter().any(begins)).unwrap_or(&ALL[0])
    }

    /// The partition in an ARN (`arn:aws-cn:…`), if daypass knows it.
    pub fn of_arn(arn: &str) -> Option<&'static Self> {
        let name = arn.strip_prefix("arn:")?.split(':').next()?;
        ALL.iter().find(|one| one.name == name)
    }

    /// `console.aws.amazon.com` and its like.
    pub fn console_host(&self) -> String {
        format!("console.{}", self.domain)
    }

    /// `signin.aws.amazon.com` and its like.
    pub fn signin_host(&self) -> String {
        format!("signin.{}", self.domain)
    }

    /// Whether a host is the console, or a region's or service's part of it.
    pub fn is_console(&self, host: &str) -> bool {
        let console = self.console_host();
        let before = host.strip_suffix(&console);
        before.is_some_and(|before| before.is_empty() || before.ends_with('.'))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_partition_has_its_hosts() {
        let table = [
            ("us-west-2", "aws", "signin.aws.amazon.com"),
            ("ap-southeast-12", "aws", "signin.aws.amazon.com"),
            ("cn-northwest-1", "aws-cn", "signin.amazonaws.cn"),
            ("us-gov-east-1", "aws-us-gov", "signin.amazonaws-us-gov.com"),
            ("eusc-de-east-1", "aws-eusc", "signin.amazonaws-eusc.eu"),
            ("us-iso-east-1", "aws-iso", "signin.c2shome.ic.gov"),
            ("us-isob-east-1", "aws-iso-b", "signin.sc2shome.sgov.gov"),
            ("eu-isoe-west-1", "aws-iso-e", "signin.csphome.adc-e.uk"),
            ("us-isof-south-1", "aws-iso-f", "signin.csphome.hci.ic.gov"),
        ];
        for (region, name, signin) in table {
            let partition = Partition::of_region(&Region::parse(region).unwrap());
            assert_eq!((partition.name, partition.signin_host().as_str()), (name, signin));
            assert_eq!(Partition::of_arn(&format!("arn:{name}:iam::1:role/x")), Some(partition));
        }
        assert_eq!(Partition::of_arn("arn:aws-moon:iam::1:role/x"), None);
    }

    #[test]
    fn a_console_host_is_no_look_alike() {
        let aws = Partition::commercial();
        for good in ["console.aws.amazon.com", "us-west-2.console.aws.amazon.com"] {
            assert!(aws.is_console(good), "{good}");
        }
        for bad in
            ["evilconsole.aws.amazon.com", "console.aws.amazon.com.example", "aws.amazon.com"]
        {
            assert!(!aws.is_console(bad), "{bad}");
        }
        assert!(!aws.is_console("console.amazonaws.cn"));
    }
}
