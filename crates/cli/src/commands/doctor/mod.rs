//! `doctor`: what is wrong here, what mends it, and what each tool would do.

mod data;
mod fix;
mod look;
mod text;

use crate::app::App;
use crate::commands::changes::Changes;
use crate::report::Done;
use clap::Args;
use daypass_core::doctor::order::{self, Tool};
use daypass_core::doctor::simulate::{Answer, simulate};
use daypass_core::doctor::{Finding, Scene, Severity, disk, examine, probe};
use daypass_core::{Error, Kind, Result};
use std::time::Duration;

/// Find out why a tool does not get the right credentials, and mend it
///
/// Says what is wrong here, the likeliest cause first, with the command that mends it;
/// then what each tool would pick here and now. Nothing is changed without --fix.
#[derive(Args, Debug)]
#[command(mut_arg("diff", |diff| diff.requires("fix")))]
pub struct Doctor {
    /// Walk through these tools' order line by line: boto3, aws-cli, js, go, terraform,
    /// java, rust, cpp, gdal, rclone, obstore…
    #[arg(long = "for", value_name = "TOOL", value_delimiter = ',')]
    tools: Vec<String>,
    /// Mend what can be mended safely, or just the findings named
    #[arg(long, value_name = "FINDING", value_delimiter = ',', num_args = 0..,
          require_equals = true, default_missing_value = "")]
    fix: Option<Vec<String>>,
    /// Mend without asking
    #[arg(long, requires = "fix")]
    yes: bool,
    #[command(flatten)]
    changes: Changes,
    /// Ask nobody over the network
    #[arg(long)]
    offline: bool,
    /// Print the table of all tools' orders, as in the manual
    #[arg(long, exclusive = true)]
    orders: bool,
}

/// All that was found.
struct Report {
    findings: Vec<Finding>,
    answers: Vec<Answer>,
}

pub fn run(app: &App, wanted: &Doctor) -> Result<Done> {
    if wanted.orders {
        return app.print(&order::markdown());
    }
    let tools = tools(&wanted.tools)?;
    let (scene, report) = look(app, wanted, &tools);
    let Some(names) = &wanted.fix else {
        show(app, wanted, &scene, &report)?;
        return Ok(verdict(&report.findings));
    };
    let names = names.iter().map(String::as_str).filter(|name| !name.is_empty()).collect();
    let fixes = fix::Wanted { names, yes: wanted.yes, changes: wanted.changes };
    let again = || examine(&self::scene(app, wanted));
    let done = fix::run(app, &fixes, &report.findings, again)?;
    // A program is told what there is by now, in the shape it knows.
    if app.wants_data() && !wanted.changes.diff {
        let (scene, report) = look(app, wanted, &tools);
        show(app, wanted, &scene, &report)?;
    }
    Ok(done)
}

fn look(app: &App, wanted: &Doctor, tools: &[&'static Tool]) -> (Scene, Report) {
    let scene = scene(app, wanted);
    let report = Report {
        findings: examine(&scene),
        answers: tools.iter().map(|tool| simulate(&scene, tool)).collect(),
    };
    (scene, report)
}

fn tools(words: &[String]) -> Result<Vec<&'static Tool>> {
    if words.is_empty() {
        return Ok(order::all().iter().collect());
    }
    order::by_words(words).map_err(|unknown| {
        let known: Vec<&str> = order::all().iter().map(|tool| tool.id).collect();
        Error::new(Kind::Usage, format!("there is no tool `{}` in the table", unknown.0))
            .hint(format!("choose from {}", known.join(", ")))
    })
}

fn scene(app: &App, wanted: &Doctor) -> Scene {
    let mut scene = Scene::new(&app.host, &app.request);
    let asked = order::by_words(&wanted.tools).unwrap_or_default();
    scene.seen.asked = asked.iter().map(|tool| tool.id).collect();
    disk::look(&mut scene);
    look::around(&mut scene, &wanted.tools, wanted.offline);
    if !wanted.offline {
        ask(app, &mut scene);
    }
    scene
}

/// A network that is slow or absent costs some seconds, and no answer.
fn ask(app: &App, scene: &mut Scene) {
    const PATIENCE: Duration = Duration::from_secs(8);
    let Ok(aws) = app.aws(&scene.chosen()).and_then(|aws| aws.hurried()) else { return };
    if scene.seen.silent.iter().any(|silent| silent.variable.starts_with("AWS_ENDPOINT_URL")) {
        return;
    }
    let _ = app.block_on(async {
        let asked = tokio::time::timeout(PATIENCE, probe::ask(scene, &aws)).await;
        asked.map_err(|_| Error::new(Kind::Network, "no answer in time"))
    });
}

fn show(app: &App, wanted: &Doctor, scene: &Scene, report: &Report) -> Result<Done> {
    if app.wants_data() {
        let renderer = app.renderer(&scene.chosen())?;
        return app.show(&renderer, "doctor", &data::report(report));
    }
    let page = text::Page { columns: 80, in_detail: !wanted.tools.is_empty() };
    app.print(&page.report(scene, report))
}

/// Notes are no reason for a script to stop.
fn verdict(findings: &[Finding]) -> Done {
    let serious = findings.iter().any(|finding| finding.severity != Severity::Note);
    if serious { Done::Child(1) } else { Done::Well }
}
