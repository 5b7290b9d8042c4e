//! The text of an invitation, made for one screen.

use super::escapes;
use super::letters;
use super::qr;
use super::screen::{Screen, When};
use crate::output::clean;
use daypass_core::aws::oidc::DeviceAuthorization;

/// How many rows the text below a picture takes.
const BELOW: usize = 17;

/// A device code: the picture, the link, the code large and small, and the warning.
pub fn device(screen: &Screen, device: &DeviceAuthorization) -> String {
    let complete = device.verification_uri_complete.as_deref();
    let (bare, code) = (device.verification_uri.as_str(), clean(&device.user_code));
    let address = complete.unwrap_or(bare);
    let mut text = picture(screen, address);
    text += "Open this page in any browser, on any device:\n\n";
    text += &format!("{}\n\n", shown_link(screen, address));
    if complete.is_some_and(|complete| complete != bare) {
        text += &format!("or, where you would have to type it, this one:\n\n{}\n\n", clean(bare));
    }
    text += "It must show this code, or ask you for it:\n\n";
    if let Some(lines) =
        letters::large(&code, screen.columns.saturating_sub(2)).filter(|_| screen.blocks)
    {
        lines.iter().for_each(|line| text += &format!("  {line}\n"));
        text.push('\n');
    }
    text += &format!("{code}\n");
    if screen.copy {
        text += &escapes::copy(&code, screen.between);
        text += "(copied, if your terminal lets programs do that)\n";
    }
    text + "\nOnly approve the code that you see here, of a login that you started yourself.\n"
}

/// An authorization code that comes back by itself.
pub fn code(screen: &Screen, opened: bool, url: &str, client: &str) -> String {
    let how = match opened {
        true => "Your browser opens. If it does not, open this page in a browser on this machine:",
        false => "Open this page in a browser on this machine:",
    };
    format!("{how}\n\n{}\n\n{}", shown_link(screen, url), only_ours(client))
}

/// The same through a port that the person forwards from where their browser is.
pub fn forwarded(screen: &Screen, url: &str, client: &str, forward: &str) -> String {
    format!(
        "On the machine with your browser, start this and let it run:\n\n{}\n\n\
         Then open this page in that browser:\n\n{}\n\n{}",
        clean(forward),
        shown_link(screen, url),
        only_ours(client)
    )
}

/// An authorization code that the person carries back.
pub fn paste(screen: &Screen, url: &str, client: &str, port: u16) -> String {
    format!(
        "Open this page in any browser, sign in, and choose Allow:\n\n{}\n\n{}\n\
         The browser will then say that it cannot connect to 127.0.0.1:{port}. That is meant\n\
         to be: the address of that broken page is the answer. Copy the whole of it from the\n\
         address bar, and paste it here.\n",
        shown_link(screen, url),
        only_ours(client)
    )
}

fn only_ours(client: &str) -> String {
    format!("Only allow a request of `{}`, and only if you started it yourself.\n", clean(client))
}

fn shown_link(screen: &Screen, address: &str) -> String {
    let address = clean(address);
    if screen.escapes { escapes::link(&address) } else { address.into_owned() }
}

/// Only where the rest stays on the screen, unless it is asked for.
fn picture(screen: &Screen, address: &str) -> String {
    if screen.qr == When::Off || !screen.blocks {
        return String::new();
    }
    let lines = qr::picture(address, screen.columns, screen.colour);
    let fits = |lines: &Vec<String>| screen.qr == When::On || lines.len() + BELOW <= screen.rows;
    match lines.filter(fits) {
        Some(lines) => lines.join("\n") + "\n\n",
        None => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::super::escapes::Multiplexer;
    use super::*;
    use std::time::Duration;
    use vault::Secret;

    fn authorization(complete: Option<&str>) -> DeviceAuthorization {
        DeviceAuthorization {
            device_code: Secret::from("device"),
            user_code: "BCDF-GHJK".to_owned(),
            verification_uri: "https://example.awsapps.com/start/#/device".to_owned(),
            verification_uri_complete: complete.map(str::to_owned),
            expires_in: Duration::from_mins(10),
            interval: Duration::from_secs(1),
        }
    }

    fn screen() -> Screen {
        Screen {
            escapes: false,
            blocks: false,
            colour: false,
            copy: false,
            qr: When::Auto,
            between: Multiplexer::None,
            columns: 80,
            rows: 24,
        }
    }

    #[test]
    fn plain_words_hold_nothing_but_text() {
        let text = device(&screen(), &authorization(Some("https://example.com/x")));
        assert_eq!(
            text,
            "Open this page in any browser, on any device:\n\nhttps://example.com/x\n\n\
             or, where you would have to type it, this one:\n\n\
             https://example.awsapps.com/start/#/device\n\n\
             It must show this code, or ask you for it:\n\nBCDF-GHJK\n\n\
             Only approve the code that you see here, of a login that you started yourself.\n"
        );
        assert!(text.is_ascii());
    }

    #[test]
    fn the_code_is_there_small_however_large_it_is_above() {
        let able = Screen { blocks: true, escapes: true, copy: true, rows: 60, ..screen() };
        let text = device(&able, &authorization(None));
        assert!(text.contains("\nBCDF-GHJK\n"), "{text}");
        assert!(text.contains('\u{2588}') && text.contains("\u{1b}]52;c;QkNERi1HSEpL\u{7}"));
        assert!(text.contains("\u{1b}]8;;https://example.awsapps.com/start/#/device\u{1b}\\"));
        let narrow = Screen { columns: 40, ..able };
        assert!(device(&narrow, &authorization(None)).contains("\nBCDF-GHJK\n"));
    }

    #[test]
    fn a_picture_does_not_push_the_code_off_the_screen() {
        let lines = |rows, qr| {
            let able = Screen { blocks: true, rows, qr, ..screen() };
            device(&able, &authorization(None)).lines().count()
        };
        let without = lines(24, When::Auto);
        assert_eq!(lines(60, When::Off), without);
        let with = lines(60, When::Auto);
        assert!(with > without + 15, "{with} {without}");
        assert_eq!(lines(24, When::On), with);
        assert!(without <= BELOW + 2, "{without}");
    }

    #[test]
    fn words_of_a_server_cannot_steer_the_terminal() {
        let odd = DeviceAuthorization {
            user_code: "\u{1b}[2JAB".to_owned(),
            verification_uri: "https://a/\u{7}\u{1b}]52;c;eA==\u{7}".to_owned(),
            ..authorization(None)
        };
        let able = Screen { escapes: true, blocks: true, ..screen() };
        assert!(!device(&able, &odd).contains('\u{1b}'), "{:?}", device(&able, &odd));
        assert!(!code(&able, true, "https://a/\u{1b}", "x\u{1b}").contains('\u{1b}'));
    }
}
