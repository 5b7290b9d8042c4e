use super::*;

const SCREEN: Size = Size { cols: 80, rows: 24 };

fn finder(rows: usize) -> Finder {
    let row = |n: usize| {
        let cells = vec![format!("team-{n:04}"), "Admin".to_owned()];
        Find { fields: cells.clone(), cells, ..Find::default() }
    };
    let weights = vec![STAYS, STAYS];
    Finder {
        title: "profiles".to_owned(),
        rows: (0..rows).map(row).collect(),
        weights,
        query: String::new(),
    }
}

fn texts(finding: &Finding) -> Vec<String> {
    finding.below().iter().map(|row| row.text().to_owned()).collect()
}

fn marked(finding: &Finding) -> String {
    let shown = texts(finding);
    let marks: Vec<&String> = shown.iter().filter(|row| row.starts_with("> ")).collect();
    assert_eq!(marks.len(), 1, "{shown:?}");
    marks[0][2..].split(' ').next().unwrap_or_default().to_owned()
}

fn press(finding: &mut Finding, keys: &[Key]) {
    for key in keys {
        assert!(matches!(finding.press(key), Step::Open), "{key:?}");
    }
}

fn paste(text: &str) -> Key {
    Key::Paste(text.to_owned())
}

#[test]
fn a_few_letters_find_one_of_many_and_enter_takes_it() {
    let finder = finder(25_000);
    let mut finding = Finding::new(&finder, SCREEN);
    assert_eq!(texts(&finding).len(), 12);
    press(&mut finding, &[paste("1234"), Key::Char(' '), Key::Char('a')]);
    assert_eq!(marked(&finding), "team-1234");
    assert_eq!(texts(&finding).last().unwrap(), "  13 of 25000");
    press(&mut finding, &[Key::Down]);
    assert!(matches!(finding.press(&Key::Enter), Step::Done(12_340)));
}

#[test]
fn moving_goes_round_and_pages_stop() {
    let finder = finder(30);
    let mut finding = Finding::new(&finder, SCREEN);
    let mut after = |keys: &[Key]| {
        press(&mut finding, keys);
        marked(&finding)
    };
    assert_eq!(after(&[Key::Up]), "team-0029");
    assert_eq!(after(&[Key::Tab]), "team-0000");
    assert_eq!(after(&[Key::PageDown]), "team-0011");
    assert_eq!(after(&[Key::PageDown, Key::PageDown, Key::PageDown]), "team-0029");
    assert_eq!(after(&[Key::PageUp, Key::BackTab]), "team-0017");
    assert_eq!(after(&[Key::Home]), "team-0000");
    assert_eq!(after(&[Key::End]), "team-0029");
}

#[test]
fn words_are_taken_back_and_nothing_found_takes_nothing() {
    let finder = finder(30);
    let mut finding = Finding::new(&finder, SCREEN);
    press(&mut finding, &[paste("team zzz"), Key::Enter, Key::Down, Key::PageUp]);
    assert_eq!(texts(&finding), ["  none of 30: Esc clears, ? for help"]);
    press(&mut finding, &[Key::DeleteWord]);
    assert_eq!(texts(&finding).last().unwrap(), "  30 of 30");
    press(&mut finding, &[Key::DeleteToStart]);
    assert_eq!(texts(&finding).last().unwrap(), "  30 - profiles (? for help)");
}

#[test]
fn escape_clears_and_then_leaves() {
    let finder = finder(3);
    let mut finding = Finding::new(&finder, SCREEN);
    press(&mut finding, &[Key::Char('t'), Key::Escape]);
    assert!(matches!(finding.press(&Key::Escape), Step::Left(PromptError::Interrupted)));
    assert!(matches!(finding.press(&Key::EndOrDelete), Step::Left(PromptError::Interrupted)));
    assert!(matches!(finding.press(&Key::Interrupt), Step::Left(PromptError::Interrupted)));
}

#[test]
fn help_is_shown_until_the_next_key_which_does_nothing_else() {
    let finder = finder(3);
    let mut finding = Finding::new(&finder, SCREEN);
    press(&mut finding, &[Key::Help]);
    assert!(texts(&finding)[0].contains("Type some letters"));
    press(&mut finding, &[Key::Enter]);
    assert_eq!(marked(&finding), "team-0000");
    press(&mut finding, &[Key::Char('?'), Key::Char('x')]);
    assert!(finding.line().is_empty());
}

#[test]
fn every_screen_shows_the_marked_row() {
    let finder = finder(50);
    let mut finding = Finding::new(&finder, SCREEN);
    press(&mut finding, &[Key::PageDown, Key::PageDown]);
    for (cols, rows) in [(80, 10), (20, 5), (9, 1), (200, 60)] {
        finding.resize(Size { cols, rows });
        assert!(texts(&finding).iter().any(|row| row.starts_with("> team")), "{cols}x{rows}");
    }
}

#[test]
fn a_query_given_beforehand_is_there_to_be_edited() {
    let finder = Finder { query: "0007".to_owned(), ..finder(30) };
    let mut finding = Finding::new(&finder, SCREEN);
    assert_eq!(marked(&finding), "team-0007");
    press(&mut finding, &[Key::Backspace]);
    assert_eq!(texts(&finding).last().unwrap(), "  10 of 30");
}

#[test]
fn no_rows_at_all() {
    let finder = finder(0);
    let mut finding = Finding::new(&finder, SCREEN);
    press(&mut finding, &[Key::Enter, Key::Up, Key::End, Key::Char('x'), Key::PageDown]);
}
