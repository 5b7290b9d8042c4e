//! A screen of one's own for a while: what was there before comes back when it ends.

use super::terminal::Open;
use super::{PromptError, keys::Key};
use crossterm::terminal::{EnterAlternateScreen, LeaveAlternateScreen};
use crossterm::{cursor, execute};
use std::io::{self, Write};
use std::time::{Duration, Instant};

/// The terminal's other screen, given back however this ends.
pub struct Screen {
    open: Option<Open>,
}

/// What a person did meanwhile.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pressed {
    /// Nothing that counts, or the window has another size.
    Nothing,
    /// They want to go.
    Quit,
}

impl Screen {
    /// Takes the screen.
    ///
    /// # Errors
    /// There is no terminal.
    pub fn open() -> Result<Self, PromptError> {
        let open = Open::on_stdout()?;
        execute!(io::stdout(), EnterAlternateScreen, cursor::Hide)?;
        Ok(Self { open: Some(open) })
    }

    /// Columns and rows.
    pub fn size(&self) -> (usize, usize) {
        let size = super::terminal::size();
        (size.cols, size.rows)
    }

    /// Draws over what is there, row by row, so that nothing flickers.
    ///
    /// # Errors
    /// The terminal is gone.
    pub fn draw(&self, text: &str) -> Result<(), PromptError> {
        let rows: String = text.lines().map(|line| format!("{line}\x1b[K\r\n")).collect();
        let mut out = io::stdout().lock();
        out.write_all(format!("\x1b[H{}\x1b[J", rows.trim_end_matches("\r\n")).as_bytes())?;
        Ok(out.flush()?)
    }

    /// Waits so long for a key.
    ///
    /// # Errors
    /// Somebody wants the process to end, or the terminal is gone.
    pub fn wait(&self, time: Duration) -> Result<Pressed, PromptError> {
        let Some(open) = &self.open else { return Ok(Pressed::Quit) };
        let until = Instant::now() + time;
        loop {
            match open.key_until(until)? {
                None | Some(Key::Redraw) => return Ok(Pressed::Nothing),
                Some(Key::Char('q' | 'Q') | Key::Interrupt | Key::Escape | Key::EndOrDelete) => {
                    return Ok(Pressed::Quit);
                }
                Some(_) => {}
            }
        }
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        let _ = execute!(io::stdout(), LeaveAlternateScreen, cursor::Show);
        drop(self.open.take());
    }
}
