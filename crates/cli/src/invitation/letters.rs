//! Large type for a code that is read from across a room, in letters of our own.

/// How many rows a letter has.
const HEIGHT: usize = 5;

/// The code in blocks, line by line; `None` where it has a character without a shape, or
/// does not fit into `columns`.
pub fn large(code: &str, columns: usize) -> Option<Vec<String>> {
    let shapes = code.chars().map(shape).collect::<Option<Vec<_>>>()?;
    let line = |row: usize| {
        let parts: Vec<String> =
            shapes.iter().map(|shape| shape[row].replace('#', "\u{2588}")).collect();
        parts.join("  ").trim_end().to_owned()
    };
    let lines: Vec<String> = (0..HEIGHT).map(line).collect();
    let width = lines.iter().map(|line| line.chars().count()).max()?;
    (width <= columns).then_some(lines)
}

fn shape(c: char) -> Option<&'static [&'static str; HEIGHT]> {
    SHAPES.iter().find(|(known, _)| *known == c.to_ascii_uppercase()).map(|(_, shape)| shape)
}

#[rustfmt::skip]
const SHAPES: &[(char, [&str; HEIGHT])] = &[
    ('A', [" ### ", "#   #", "#####", "#   #", "#   #"]),
    ('B', ["#### ", "#   #", "#### ", "#   #", "#### "]),
    ('C', [" ####", "#    ", "#    ", "#    ", " ####"]),
    ('D', ["#### ", "#   #", "#   #", "#   #", "#### "]),
    ('E', ["#####", "#    ", "#### ", "#    ", "#####"]),
    ('F', ["#####", "#    ", "#### ", "#    ", "#    "]),
    ('G', [" ####", "#    ", "#  ##", "#   #", " ####"]),
    ('H', ["#   #", "#   #", "#####", "#   #", "#   #"]),
    ('I', ["#####", "  #  ", "  #  ", "  #  ", "#####"]),
    ('J', ["  ###", "   # ", "   # ", "#  # ", " ##  "]),
    ('K', ["#   #", "#  # ", "###  ", "#  # ", "#   #"]),
    ('L', ["#    ", "#    ", "#    ", "#    ", "#####"]),
    ('M', ["#   #", "## ##", "# # #", "#   #", "#   #"]),
    ('N', ["#   #", "##  #", "# # #", "#  ##", "#   #"]),
    ('O', [" ### ", "#   #", "#   #", "#   #", " ### "]),
    ('P', ["#### ", "#   #", "#### ", "#    ", "#    "]),
    ('Q', [" ### ", "#   #", "# # #", "#  # ", " ## #"]),
    ('R', ["#### ", "#   #", "#### ", "#  # ", "#   #"]),
    ('S', [" ####", "#    ", " ### ", "    #", "#### "]),
    ('T', ["#####", "  #  ", "  #  ", "  #  ", "  #  "]),
    ('U', ["#   #", "#   #", "#   #", "#   #", " ### "]),
    ('V', ["#   #", "#   #", "#   #", " # # ", "  #  "]),
    ('W', ["#   #", "#   #", "# # #", "## ##", "#   #"]),
    ('X', ["#   #", " # # ", "  #  ", " # # ", "#   #"]),
    ('Y', ["#   #", " # # ", "  #  ", "  #  ", "  #  "]),
    ('Z', ["#####", "   # ", "  #  ", " #   ", "#####"]),
    ('0', [" ### ", "#  ##", "# # #", "##  #", " ### "]),
    ('1', ["  #  ", " ##  ", "  #  ", "  #  ", " ### "]),
    ('2', ["#### ", "    #", " ### ", "#    ", "#####"]),
    ('3', ["#### ", "    #", " ### ", "    #", "#### "]),
    ('4', ["#  # ", "#  # ", "#####", "   # ", "   # "]),
    ('5', ["#####", "#    ", "#### ", "    #", "#### "]),
    ('6', [" ### ", "#    ", "#### ", "#   #", " ### "]),
    ('7', ["#####", "   # ", "  #  ", " #   ", " #   "]),
    ('8', [" ### ", "#   #", " ### ", "#   #", " ### "]),
    ('9', [" ### ", "#   #", " ####", "    #", " ### "]),
    ('-', ["     ", "     ", " ### ", "     ", "     "]),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_in_large_type() {
        let lines = large("BX-7", 80).unwrap();
        let shown: Vec<String> = lines.iter().map(|line| line.replace('\u{2588}', "#")).collect();
        assert_eq!(
            shown,
            [
                "####   #   #         #####",
                "#   #   # #             #",
                "####     #     ###     #",
                "#   #   # #           #",
                "####   #   #          #",
            ]
        );
    }

    #[test]
    fn every_letter_has_a_shape_of_its_own() {
        let all: Vec<char> = ('A'..='Z').chain('0'..='9').chain(['-']).collect();
        let mut shapes: Vec<_> = all.iter().map(|c| shape(*c).expect("a shape")).collect();
        assert!(shapes.iter().all(|shape| shape.iter().all(|row| row.len() == 5)));
        shapes.sort_unstable();
        shapes.dedup();
        assert_eq!(shapes.len(), all.len());
    }

    #[test]
    fn what_has_no_shape_or_no_room_stays_small() {
        assert_eq!(large("AB\u{1b}", 80), None);
        assert_eq!(large("\u{c4}BCD-EFGH", 80), None);
        assert_eq!(large("ABCD-EFGH", 60), None);
        assert!(large("ABCD-EFGH", 61).is_some());
        assert_eq!(large("", 80).unwrap_or_default().concat(), "");
    }
}
