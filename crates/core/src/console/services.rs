//! What people call services, and where the console keeps them.

/// The words for a service, the shortest last, and its path.
type Row = (&'static [&'static str], &'static str);

/// Services whose name in the console's addresses is not simply theirs, and those with
/// a short word. Any other name is tried as it is: `NAME/home`.
const SERVICES: &[Row] = &[
    (&["apigateway", "apigw", "api"], "apigateway/main/apis"),
    (&["appsync"], "appsync/home"),
    (&["athena", "ath"], "athena/home#/query-editor"),
    (&["backup"], "backup/home"),
    (&["batch"], "batch/home"),
    (&["bedrock", "br"], "bedrock/home"),
    (&["billing", "bill"], "billing/home"),
    (&["certificates", "acm"], "acm/home"),
    (&["cloudformation", "cfn", "cf"], "cloudformation/home"),
    (&["cloudfront"], "cloudfront/v4/home"),
    (&["cloudshell"], "cloudshell/home"),
    (&["cloudtrail", "trail", "ct"], "cloudtrailv2/home"),
    (&["cloudwatch", "cw"], "cloudwatch/home"),
    (&["codebuild"], "codesuite/codebuild/projects"),
    (&["codepipeline"], "codesuite/codepipeline/pipelines"),
    (&["cognito"], "cognito/v2/home"),
    (&["config"], "config/home"),
    (&["costs", "ce"], "cost-management/home#/cost-explorer"),
    (&["dms"], "dms/v2/home"),
    (&["dynamodb", "ddb"], "dynamodbv2/home"),
    (&["ec2"], "ec2/home"),
    (&["ecr"], "ecr/private-registry/repositories"),
    (&["ecs"], "ecs/v2/clusters"),
    (&["efs"], "efs/home"),
    (&["eks"], "eks/clusters"),
    (&["elasticache"], "elasticache/home"),
    (&["elasticbeanstalk", "beanstalk", "eb"], "elasticbeanstalk/home"),
    (&["emr"], "emr/home"),
    (&["eventbridge", "events"], "events/home"),
    (&["firehose"], "firehose/home"),
    (&["fsx"], "fsx/home"),
    (&["glue"], "glue/home"),
    (&["guardduty", "gd"], "guardduty/home"),
    (&["health"], "health/home"),
    (&["iam"], "iam/home"),
    (&["identitycenter", "sso", "idc"], "singlesignon/home"),
    (&["instances"], "ec2/home#Instances:"),
    (&["kinesis"], "kinesis/home"),
    (&["kms"], "kms/home"),
    (&["lakeformation", "lf"], "lakeformation/home"),
    (&["lambda", "l"], "lambda/home"),
    (&["loadbalancers", "lb"], "ec2/home#LoadBalancers:"),
    (&["logs"], "cloudwatch/home#logsV2:log-groups"),
    (&["msk", "kafka"], "msk/home"),
    (&["opensearch", "es"], "aos/home"),
    (&["organizations", "org"], "organizations/v2/home"),
    (&["parameters", "params", "ps"], "systems-manager/parameters"),
    (&["quotas"], "servicequotas/home"),
    (&["ram"], "ram/home"),
    (&["rds"], "rds/home"),
    (&["redshift"], "redshiftv2/home"),
    (&["route53", "r53", "dns"], "route53/v2/home"),
    (&["s3"], "s3/home"),
    (&["sagemaker", "sage"], "sagemaker/home"),
    (&["secretsmanager", "secrets", "sm"], "secretsmanager/listsecrets"),
    (&["securityhub"], "securityhub/home"),
    (&["ses"], "ses/home"),
    (&["sns"], "sns/v3/home"),
    (&["sqs"], "sqs/v3/home"),
    (&["stepfunctions", "states", "sfn"], "states/home"),
    (&["support"], "support/home"),
    (&["systemsmanager", "ssm"], "systems-manager/home"),
    (&["tags"], "resource-groups/tag-editor"),
    (&["vpc"], "vpcconsole/home"),
    (&["waf"], "wafv2/homev2"),
    (&["workspaces"], "workspaces/v2/home"),
    (&["xray"], "xray/home"),
];

/// The path behind one of the words.
pub(super) fn path(word: &str) -> Option<&'static str> {
    SERVICES.iter().find(|(words, _)| words.contains(&word)).map(|(_, path)| *path)
}

/// Every word that stands for a service, those of one service together.
pub fn shortcuts() -> impl Iterator<Item = &'static [&'static str]> {
    SERVICES.iter().map(|(words, _)| *words)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_stands_for_one_service() {
        let mut words: Vec<&str> = shortcuts().flatten().copied().collect();
        let all = words.len();
        words.sort_unstable();
        words.dedup();
        assert_eq!(words.len(), all);
        assert!(words.iter().all(|word| word.bytes().all(|b| b.is_ascii_alphanumeric())));
    }
}
