//! Questions on a real terminal, with line editing and menus.

use std::io::{self, IsTerminal, Write};
use std::time::{Duration, Instant};

use crossterm::cursor::{Hide, Show};
use crossterm::event::{self, DisableBracketedPaste, EnableBracketedPaste};
use crossterm::{execute, terminal};

use super::asking::{Asking, Step};
use super::finding::{Finder, Finding};
use super::keys::Key;
use super::paint::{self, Drawn, Size};
use super::picking::Picking;
use super::{Menu, PromptError, Prompter, Question, cells};

/// Keys that follow each other faster than this were not typed by hand.
const BURST: Duration = Duration::from_millis(1);

/// How often a silent terminal is looked at: one that was closed says nothing, and
/// waiting for it would never end.
const HEARTBEAT: Duration = Duration::from_millis(250);

/// Where questions are drawn.
#[derive(Clone, Copy, Debug)]
enum Side {
    Stdout,
    Stderr,
}

impl Side {
    fn to_the_person() -> Option<Self> {
        match (io::stdout().is_terminal(), io::stderr().is_terminal()) {
            (true, _) => Some(Self::Stdout),
            (false, true) => Some(Self::Stderr),
            (false, false) => None,
        }
    }

    fn writer(self) -> Box<dyn Write> {
        match self {
            Self::Stdout => Box::new(io::stdout()),
            Self::Stderr => Box::new(io::stderr()),
        }
    }

    fn write(self, text: &str) -> io::Result<()> {
        let mut out = self.writer();
        out.write_all(text.as_bytes())?;
        out.flush()
    }
}

/// The terminal while a prompt is open: every key comes to us, a paste comes in
/// one piece. Given back as it was when the prompt closes, however it closes.
pub(super) struct Open {
    side: Side,
}

impl Open {
    fn new(side: Side) -> io::Result<Self> {
        ending::listen()?;
        terminal::enable_raw_mode()?;
        let open = Self { side };
        // Without it a paste is typed: worse, but no reason to ask nothing.
        let _ = execute!(side.writer(), EnableBracketedPaste);
        Ok(open)
    }

    /// On standard output, for whoever draws there all the time.
    pub(super) fn on_stdout() -> io::Result<Self> {
        Self::new(Side::Stdout)
    }

    /// The next key, if one comes in time.
    pub(super) fn key_until(&self, until: Instant) -> Result<Option<Key>, PromptError> {
        loop {
            let left = until.saturating_duration_since(Instant::now());
            if event::poll(left.min(HEARTBEAT))? {
                if let Some(key) = Key::of(event::read()?) {
                    return Ok(Some(key));
                }
            } else if ending::is_asked_for() {
                return Err(PromptError::Terminated);
            } else if !io::stdin().is_terminal() {
                return Err(PromptError::EndOfInput);
            } else if left.is_zero() {
                return Ok(None);
            }
        }
    }

    /// Draws, unless keys are waiting that will change the picture anyway.
    fn draw(&self, frame: impl FnOnce() -> String) -> io::Result<()> {
        match event::poll(BURST)? {
            true => Ok(()),
            false => self.side.write(&frame()),
        }
    }

    fn next_key(&self) -> Result<Key, PromptError> {
        loop {
            if event::poll(HEARTBEAT)? {
                if let Some(key) = Key::of(event::read()?) {
                    return Ok(key);
                }
            } else if ending::is_asked_for() {
                return Err(PromptError::Terminated);
            } else if !io::stdin().is_terminal() {
                return Err(PromptError::EndOfInput);
            }
        }
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        let _ = execute!(self.side.writer(), DisableBracketedPaste, Show);
        let _ = terminal::disable_raw_mode();
    }
}

/// SIGTERM and SIGHUP: without a word to them they end the process at once, and
/// leave the terminal as a prompt needs it and a shell does not.
mod ending {
    use std::io;
    use std::sync::atomic::{AtomicBool, Ordering};
    use std::sync::{Arc, OnceLock};

    static ASKED: OnceLock<Arc<AtomicBool>> = OnceLock::new();

    #[cfg(unix)]
    pub fn listen() -> io::Result<()> {
        use signal_hook::consts::{SIGHUP, SIGTERM};
        if ASKED.get().is_some() {
            return Ok(());
        }
        let asked = ASKED.get_or_init(Arc::default);
        for signal in [SIGTERM, SIGHUP] {
            signal_hook::flag::register(signal, Arc::clone(asked))?;
        }
        Ok(())
    }

    #[cfg(not(unix))]
    pub fn listen() -> io::Result<()> {
        Ok(())
    }

    pub fn is_asked_for() -> bool {
        ASKED.get().is_some_and(|asked| asked.load(Ordering::Relaxed))
    }
}

/// Asks on the terminal this process was started from.
pub struct TerminalPrompter {
    side: Side,
    colour: bool,
}

impl TerminalPrompter {
    /// A prompter on the terminal, or the news that there is none: it takes one to
    /// read from and one, standard output or else standard error, to draw on.
    pub fn new(no_color: bool) -> Result<Self, PromptError> {
        let side = Side::to_the_person().filter(|_| io::stdin().is_terminal());
        let side = side.ok_or(PromptError::NotATerminal)?;
        Ok(Self { side, colour: !no_color })
    }

    fn ask(
        &self,
        asking: &mut Asking,
        label: &str,
        drawn: &mut Drawn,
    ) -> Result<String, PromptError> {
        let open = Open::new(self.side)?;
        loop {
            open.draw(|| drawn.draw(label, asking.line(), &asking.below(), size(), self.colour))?;
            match asking.press(&open.next_key()?) {
                Step::Open => {}
                Step::Done(value) => return Ok(value),
                Step::Left(why) => return Err(why),
            }
        }
    }

    fn pick(&self, menu: &Menu) -> Result<usize, PromptError> {
        let open = Open::new(self.side)?;
        let _ = execute!(self.side.writer(), Hide);
        let mut picking = Picking::new(menu, size());
        loop {
            picking.resize(size());
            open.draw(|| paint::menu(&picking.view(), size(), self.colour))?;
            match picking.press(&open.next_key()?) {
                Step::Open => {}
                Step::Done(row) => return Ok(row),
                Step::Left(why) => return Err(why),
            }
        }
    }
}

impl TerminalPrompter {
    fn seek(&self, finder: &Finder, drawn: &mut Drawn) -> Result<usize, PromptError> {
        let open = Open::new(self.side)?;
        let mut finding = Finding::new(finder, size());
        loop {
            finding.resize(size());
            open.draw(|| drawn.draw(">", finding.line(), &finding.below(), size(), self.colour))?;
            match finding.press(&open.next_key()?) {
                Step::Open => {}
                Step::Done(row) => return Ok(row),
                Step::Left(why) => return Err(why),
            }
        }
    }
}

impl Prompter for TerminalPrompter {
    fn text(&mut self, question: &Question) -> Result<String, PromptError> {
        let label = cells::clean(&question.label);
        let mut asking = Asking::new(question);
        let mut drawn = Drawn::default();
        let answer = self.ask(&mut asking, &label, &mut drawn);
        let typed = asking.line().text();
        self.side.write(&drawn.finish(&label, typed.trim(), size()))?;
        answer
    }

    fn choose(&mut self, menu: &Menu) -> Result<usize, PromptError> {
        self.side.write(&format!("{}\n", cells::clean(&menu.title)))?;
        let picked = self.pick(menu);
        self.side.write(&paint::erase_menu())?;
        picked
    }

    fn find(&mut self, finder: &Finder) -> Result<usize, PromptError> {
        let mut drawn = Drawn::default();
        let found = self.seek(finder, &mut drawn);
        self.side.write(&drawn.erase(size()))?;
        found
    }

    fn say(&mut self, line: &str) {
        super::say(line);
    }

    fn is_interactive(&self) -> bool {
        true
    }
}

/// A terminal on which a line is typed that is not shown.
pub struct Hidden {
    open: Open,
}

impl Hidden {
    /// Takes the terminal over until it is dropped.
    pub fn open() -> Result<Self, PromptError> {
        let side = Side::to_the_person().filter(|_| io::stdin().is_terminal());
        Ok(Self { open: Open::new(side.ok_or(PromptError::NotATerminal)?)? })
    }
}

impl super::pasted::Keys for Hidden {
    fn show(&mut self, line: &str) -> io::Result<()> {
        self.open.side.write(&format!("\r\x1b[K{line}"))
    }

    fn next(&mut self) -> Result<Key, PromptError> {
        self.open.next_key()
    }

    fn is_in_a_burst(&mut self) -> io::Result<bool> {
        event::poll(BURST)
    }
}

impl Drop for Hidden {
    fn drop(&mut self) {
        let _ = self.open.side.write("\r\n");
    }
}

/// The size of the screen; some terminals do not know theirs.
pub(super) fn size() -> Size {
    match terminal::size() {
        Ok((cols, rows)) if cols > 0 && rows > 0 => Size { cols: cols.into(), rows: rows.into() },
        _ => Size { cols: 80, rows: 24 },
    }
}
