//! What is on a terminal's screen after all that was written to it: as much of a
//! terminal as our own drawing needs. What it does not know fails the test.

/// Rows of text; the cursor's place.
#[derive(Default)]
pub struct Screen {
    rows: Vec<Vec<char>>,
    row: usize,
    col: usize,
    /// Whether the other screen is shown, on which programs draw.
    pub is_other: bool,
    /// Whether anything was coloured.
    pub has_colour: bool,
}

impl Screen {
    /// Takes what a program wrote.
    pub fn write(&mut self, text: &str) {
        let mut letters = text.chars().peekable();
        while let Some(letter) = letters.next() {
            match letter {
                '\r' => self.col = 0,
                '\n' => self.row += 1,
                '\u{1b}' => {
                    assert_eq!(letters.next(), Some('['), "a control sequence");
                    let mut words = String::new();
                    let last = loop {
                        match letters.next() {
                            Some(letter) if letter.is_ascii_alphabetic() => break letter,
                            Some(letter) => words.push(letter),
                            // Cut off where the reader stopped.
                            None => return,
                        }
                    };
                    self.obey(&words, last);
                }
                letter => self.put(letter),
            }
        }
    }

    fn obey(&mut self, words: &str, last: char) {
        match (words, last) {
            ("", 'H') => (self.row, self.col) = (0, 0),
            ("", 'K') => {
                let col = self.col;
                self.line().truncate(col);
            }
            ("", 'J') => {
                let (row, col) = (self.row, self.col);
                self.line().truncate(col);
                self.rows.truncate(row + 1);
            }
            ("?1049", 'h') => *self = Self { is_other: true, ..Self::default() },
            ("?1049", 'l') => self.is_other = false,
            (_, 'm') => self.has_colour = true,
            // The cursor shown or not, a paste in one piece or not.
            ("?25" | "?2004", 'h' | 'l') => {}
            other => panic!("the screen does not know {other:?}"),
        }
    }

    fn line(&mut self) -> &mut Vec<char> {
        let row = self.row;
        if self.rows.len() <= row {
            self.rows.resize(row + 1, Vec::new());
        }
        &mut self.rows[row]
    }

    fn put(&mut self, letter: char) {
        let col = self.col;
        let line = self.line();
        if line.len() <= col {
            line.resize(col + 1, ' ');
        }
        line[col] = letter;
        self.col += 1;
    }

    /// Its rows, without blanks at their ends.
    pub fn text(&self) -> String {
        let row = |row: &Vec<char>| row.iter().collect::<String>().trim_end().to_owned() + "\n";
        self.rows.iter().map(row).collect()
    }
}
