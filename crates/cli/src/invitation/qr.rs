//! An address as a picture for a phone.

use qrcode::{Color, EcLevel, QrCode};

/// Scanners want a margin of four modules.
const MARGIN: usize = 4;

/// The picture, two modules to a character; `None` where the address is too long for
/// one, or it has no room in `columns`.
///
/// With `colour` it is black on white whatever the terminal's theme is; without, what is
/// light is drawn, since most terminals are dark.
pub fn picture(address: &str, columns: usize, colour: bool) -> Option<Vec<String>> {
    let code = QrCode::with_error_correction_level(address, EcLevel::L).ok()?;
    let side = code.width() + 2 * MARGIN;
    if side > columns {
        return None;
    }
    let colors = code.to_colors();
    let is_dark = |x: usize, y: usize| {
        let inside = |at: usize| at.checked_sub(MARGIN).filter(|at| *at < code.width());
        let (Some(x), Some(y)) = (inside(x), inside(y)) else { return false };
        colors[y * code.width() + x] == Color::Dark
    };
    let line = |y: usize| {
        let blocks = (0..side).map(|x| block(is_dark(x, y) == colour, is_dark(x, y + 1) == colour));
        let blocks: String = blocks.collect();
        if colour { format!("\u{1b}[30;107m{blocks}\u{1b}[0m") } else { blocks }
    };
    Some((0..side).step_by(2).map(line).collect())
}

fn block(upper: bool, lower: bool) -> char {
    match (upper, lower) {
        (true, true) => '\u{2588}',
        (true, false) => '\u{2580}',
        (false, true) => '\u{2584}',
        (false, false) => ' ',
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ADDRESS: &str = "https://device.sso.us-east-1.amazonaws.com/?user_code=ABCD-EFGH";

    /// The dark modules, read back from the picture.
    fn modules(lines: &[String], colour: bool) -> Vec<Vec<bool>> {
        let mut rows = Vec::new();
        for line in lines {
            let line = line.replace("\u{1b}[30;107m", "").replace("\u{1b}[0m", "");
            let halves = |upper: bool| -> Vec<bool> {
                let drawn = |c: char| match c {
                    '\u{2588}' => true,
                    '\u{2580}' => upper,
                    '\u{2584}' => !upper,
                    _ => false,
                };
                line.chars().map(|c| drawn(c) == colour).collect()
            };
            rows.push(halves(true));
            rows.push(halves(false));
        }
        rows
    }

    #[test]
    fn the_picture_is_the_code_with_its_margin() {
        let code = QrCode::with_error_correction_level(ADDRESS, EcLevel::L).unwrap();
        for colour in [true, false] {
            let rows = modules(&picture(ADDRESS, 80, colour).unwrap(), colour);
            for y in 0..code.width() + 2 * MARGIN {
                for x in 0..code.width() + 2 * MARGIN {
                    let inside = (MARGIN..MARGIN + code.width()).contains(&x)
                        && (MARGIN..MARGIN + code.width()).contains(&y);
                    let dark = inside && code[(x - MARGIN, y - MARGIN)] == Color::Dark;
                    assert_eq!(rows[y][x], dark, "{x} {y} {colour}");
                }
            }
        }
    }

    #[test]
    fn where_there_is_no_room_there_is_no_picture() {
        assert_eq!(picture(ADDRESS, 30, true), None);
        assert_eq!(picture(&"x".repeat(4000), 1000, true), None);
    }
}
