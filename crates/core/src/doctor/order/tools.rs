//! The tools, a row each.

use super::families::{
    AWS_CLI, BOTOCORE, CPP, CRT, GDAL_8, GDAL_10, GDAL_12, GO, GO_1, JAVA, JAVASCRIPT,
    OBJECT_STORE, OPENDAL, RUBY, RUST,
};
use super::{Checked, Order, Tool};

const TOOLS: &[Tool] = &[
    run("aws-cli", &["aws", "awscli"], "AWS CLI 2", &AWS_CLI),
    run(
        "boto3",
        &["botocore", "python", "s3fs", "aiobotocore", "xarray", "dask"],
        "boto3 and what stands on it (s3fs, aiobotocore)",
        &BOTOCORE,
    ),
    run("polars", &[], "polars, which asks boto3", &BOTOCORE),
    run("js", &["javascript", "node", "cdk"], "SDK for JavaScript v3", &JAVASCRIPT),
    run("go", &["go-v2"], "SDK for Go v2", &GO),
    read("terraform", &["opentofu", "tofu"], "Terraform and OpenTofu (SDK for Go v2)", &GO),
    run("rclone", &[], "rclone 1.68 and later (SDK for Go v2)", &GO),
    run("s5cmd", &["go-v1"], "s5cmd 2 (SDK for Go v1)", &GO_1),
    run("java", &["kotlin", "spark"], "SDK for Java v2", &JAVA),
    run("rust", &["deltalake", "delta"], "SDK for Rust (deltalake)", &RUST),
    run("cpp", &["pyarrow", "arrow", "c++"], "SDK for C++ (pyarrow)", &CPP),
    read("duckdb", &[], "DuckDB (SDK for C++)", &CPP),
    run("crt", &["awscrt", "mountpoint", "mountpoint-s3"], "CRT (Mountpoint for S3)", &CRT),
    run("gdal-3.12", &["gdal", "qgis", "pyogrio"], "GDAL 3.12 and later", &GDAL_12),
    run("gdal-3.10", &["gdal", "rasterio"], "GDAL 3.10 and 3.11", &GDAL_10),
    read("gdal-3.8", &["gdal"], "GDAL 3.8 and 3.9", &GDAL_8),
    run(
        "obstore",
        &["object-store", "object_store", "icechunk", "rustac"],
        "object_store (obstore, icechunk)",
        &OBJECT_STORE,
    ),
    run("opendal", &["reqsign"], "OpenDAL", &OPENDAL),
    read("ruby", &[], "SDK for Ruby v3", &RUBY),
];

const fn run(
    id: &'static str,
    also: &'static [&'static str],
    title: &'static str,
    order: &'static Order,
) -> Tool {
    Tool { id, also, title, order, checked: Checked::Run }
}

const fn read(
    id: &'static str,
    also: &'static [&'static str],
    title: &'static str,
    order: &'static Order,
) -> Tool {
    Tool { id, also, title, order, checked: Checked::Read }
}

/// Every tool of the table.
pub fn all() -> &'static [Tool] {
    TOOLS
}

/// A name that no tool has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unknown(pub String);

/// The tools that these words mean, each once, in the table's order.
///
/// # Errors
/// The first word that means none.
pub fn by_words(words: &[String]) -> Result<Vec<&'static Tool>, Unknown> {
    let means = |tool: &Tool, word: &str| tool.id == word || tool.also.contains(&word);
    let lower: Vec<String> = words.iter().map(|word| word.trim().to_ascii_lowercase()).collect();
    if let Some(word) = lower.iter().find(|word| !TOOLS.iter().any(|tool| means(tool, word))) {
        return Err(Unknown(word.clone()));
    }
    Ok(TOOLS.iter().filter(|tool| lower.iter().any(|word| means(tool, word))).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_leads_to_a_tool_and_ids_are_unique() {
        let mut ids: Vec<&str> = TOOLS.iter().map(|tool| tool.id).collect();
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(ids.len(), TOOLS.len());
        let found = by_words(&["GDAL".into(), " boto3".into()]).unwrap();
        let ids: Vec<&str> = found.iter().map(|tool| tool.id).collect();
        assert_eq!(ids, ["boto3", "gdal-3.12", "gdal-3.10", "gdal-3.8"]);
        assert_eq!(by_words(&["boto4".into()]).unwrap_err(), Unknown("boto4".into()));
    }
}
