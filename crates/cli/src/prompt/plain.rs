//! Questions line by line: for terminals that can only write, for screen readers,
//! and for answers that come through a pipe.

use std::io::{self, BufRead, IsTerminal, Write};

use super::filter::Index;
use super::{Menu, PromptError, Prompter, Question, cells};

const MOST_ROWS: usize = 20;

type ReadLine = Box<dyn FnMut() -> io::Result<Vec<u8>> + Send>;

/// Asks in whole lines, without moving the cursor or colour. Menus are numbered;
/// they are answered with a number, or with part of a row until one is left.
pub struct PlainPrompter {
    input: ReadLine,
    output: Box<dyn Write + Send>,
    interactive: bool,
}

impl PlainPrompter {
    /// Reads standard input; asks on standard output if that is a terminal, and on
    /// standard error otherwise.
    pub fn new() -> Self {
        let output: Box<dyn Write + Send> = match io::stdout().is_terminal() {
            true => Box::new(io::stdout()),
            false => Box::new(io::stderr()),
        };
        Self { input: Box::new(read_stdin), output, interactive: io::stdin().is_terminal() }
    }

    fn print(&mut self, line: &str) -> io::Result<()> {
        writeln!(self.output, "{}", cells::clean(line))
    }

    /// One stripped answer. Where no terminal echoes it we do, so that the
    /// transcript reads the same.
    fn answer(&mut self, label: &str) -> Result<String, PromptError> {
        write!(self.output, "{} ", cells::clean(label))?;
        self.output.flush()?;
        let bytes = (self.input)()?;
        if bytes.is_empty() {
            writeln!(self.output)?;
            return Err(PromptError::EndOfInput);
        }
        let mut line = String::from_utf8_lossy(&bytes).into_owned();
        line.retain(|c| !cells::is_harmful(c));
        let answer = line.trim().to_owned();
        if !self.interactive {
            self.print(&answer)?;
        }
        Ok(answer)
    }

    fn list(&mut self, menu: &Menu, rows: &[usize]) -> io::Result<()> {
        for &row in rows.iter().take(MOST_ROWS) {
            self.print(&format!("{:>4}) {}", row + 1, menu.rows[row]))?;
        }
        match rows.len().saturating_sub(MOST_ROWS) {
            0 => Ok(()),
            more => self.print(&format!("      ... and {more} more")),
        }
    }
}

impl Default for PlainPrompter {
    fn default() -> Self {
        Self::new()
    }
}

impl Prompter for PlainPrompter {
    fn text(&mut self, question: &Question) -> Result<String, PromptError> {
        if let Some(note) = question.note.as_ref().filter(|_| self.interactive) {
            self.print(note)?;
        }
        loop {
            let value = question.value(&self.answer(&question.label)?);
            match (question.check)(&value) {
                Ok(()) => return Ok(value),
                Err(why) => self.print(&why)?,
            }
        }
    }

    fn choose(&mut self, menu: &Menu) -> Result<usize, PromptError> {
        let index = Index::new(&menu.rows);
        self.print(&menu.title)?;
        self.list(menu, &index.matching(""))?;
        let label = format!("Number, or part of the name [{}]:", menu.start + 1);
        loop {
            let answer = self.answer(&label)?;
            match Found::of(&answer, menu, &index) {
                Found::One(row) => return Ok(row),
                Found::None => self.print(&format!("Nothing matches `{answer}`"))?,
                Found::Several(rows) => self.list(menu, &rows)?,
            }
        }
    }

    fn say(&mut self, line: &str) {
        super::say(line);
    }

    fn is_interactive(&self) -> bool {
        self.interactive
    }
}

/// What an answer to a numbered menu means.
#[derive(Debug, PartialEq, Eq)]
enum Found {
    One(usize),
    Several(Vec<usize>),
    None,
}

impl Found {
    fn of(answer: &str, menu: &Menu, index: &Index) -> Self {
        if answer.is_empty() && menu.start < menu.rows.len() {
            return Self::One(menu.start);
        }
        if let Some(row) = menu.rows.iter().position(|row| row == answer) {
            return Self::One(row);
        }
        match answer.parse::<usize>() {
            Ok(number) if (1..=menu.rows.len()).contains(&number) => Self::One(number - 1),
            _ => Self::matching(index.matching(answer)),
        }
    }

    fn matching(rows: Vec<usize>) -> Self {
        match rows[..] {
            [] => Self::None,
            [row] => Self::One(row),
            _ => Self::Several(rows),
        }
    }
}

fn read_stdin() -> io::Result<Vec<u8>> {
    let mut line = Vec::new();
    io::stdin().lock().read_until(b'\n', &mut line)?;
    Ok(line)
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;
    use std::sync::{Arc, Mutex};

    use super::*;

    #[derive(Clone, Default)]
    struct Paper(Arc<Mutex<Vec<u8>>>);

    impl Paper {
        fn text(&self) -> String {
            String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
        }
    }

    impl Write for Paper {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().write(bytes)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    fn with_lines(lines: &[u8]) -> (PlainPrompter, Paper) {
        let paper = Paper::default();
        let mut lines = Cursor::new(lines.to_vec());
        let input = move || {
            let mut line = Vec::new();
            lines.read_until(b'\n', &mut line).map(|_| line)
        };
        let output = Box::new(paper.clone());
        (PlainPrompter { input: Box::new(input), output, interactive: false }, paper)
    }

    fn roles() -> Menu {
        let rows = ["Admin", "Project-Admin", "Read\x1bOnly"];
        Menu {
            title: "There are 3 roles available to you.".to_owned(),
            rows: rows.map(str::to_owned).to_vec(),
            start: 1,
        }
    }

    #[test]
    fn text_until_the_check_passes() {
        let check = |value: &str| match value {
            "" => Err("A value is required".to_owned()),
            _ => Ok(()),
        };
        let question = Question { check: &check, ..Question::new("SSO region [None]:") };
        let (mut prompter, paper) = with_lines(b"\r\n  us-\x1beast-1\t\r\n");
        assert_eq!(prompter.text(&question).unwrap(), "us-east-1");
        assert_eq!(
            paper.text(),
            "SSO region [None]: \nA value is required\nSSO region [None]: us-east-1\n"
        );
    }

    #[test]
    fn the_end_of_the_input() {
        let (mut prompter, _) = with_lines(b"last line without end");
        let question = Question::new("x:");
        assert_eq!(prompter.text(&question).unwrap(), "last line without end");
        assert!(matches!(prompter.text(&question), Err(PromptError::EndOfInput)));
        assert!(matches!(prompter.choose(&roles()), Err(PromptError::EndOfInput)));
    }

    #[test]
    fn menus_by_number_name_part_or_start() {
        let chosen = |answers: &str| with_lines(answers.as_bytes()).0.choose(&roles()).unwrap();
        assert_eq!(chosen("1\n"), 0);
        assert_eq!(chosen("3\n"), 2);
        assert_eq!(chosen("\n"), 1);
        assert_eq!(chosen("only\n"), 2);
        assert_eq!(chosen("Admin\n"), 0);
        assert_eq!(chosen("4\n0\nzzz\nadmin\nproj\n"), 1);
    }

    #[test]
    fn menus_are_numbered_and_harmless() {
        let (mut prompter, paper) = with_lines(b"admin\n2\n");
        prompter.choose(&roles()).unwrap();
        assert_eq!(
            paper.text(),
            "There are 3 roles available to you.\n   1) Admin\n   2) Project-Admin\n   3) Read\u{fffd}Only\n\
             Number, or part of the name [2]: admin\n   1) Admin\n   2) Project-Admin\n\
             Number, or part of the name [2]: 2\n"
        );
    }

    #[test]
    fn a_long_menu_shows_its_beginning() {
        let rows = (0..5000).map(|n| format!("Team ({n:012})")).collect();
        let menu = Menu { title: "T".to_owned(), rows, start: 0 };
        let (mut prompter, paper) = with_lines(b"000000004321\n");
        assert_eq!(prompter.choose(&menu).unwrap(), 4320);
        assert!(paper.text().contains("... and 4980 more"));
    }
}
