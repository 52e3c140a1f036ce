//! The source of a history: a file, or a pipe, that is kept in case it must be read again.

use revline_checker::import::{self, Format, ImportError};
use std::fs::File;
use std::io::{self, BufRead, BufReader, Cursor, Read, Seek, Write};
use std::path::Path;
use tempfile::SpooledTempFile;

/// The bytes read from a pipe that are kept in memory; from there on a temporary file keeps them.
const KEPT_IN_MEMORY_BYTES: usize = 1 << 20;

/// A history that can be read twice.
pub(super) struct Source {
    name: String,
    /// As much of it as tells its form.
    beginning: Vec<u8>,
    input: Input,
}

enum Input {
    File(File),
    /// Read up to some place; what was kept of it begins with the beginning, if anything.
    Pipe(Box<dyn Read>, SpooledTempFile),
}

impl Source {
    /// Opens a file, or stdin if there is no path, and reads its beginning.
    pub(super) fn open(path: Option<&Path>) -> Result<Source, ImportError> {
        let name = path.map_or("stdin".to_owned(), |path| path.display().to_string());
        Source::begin(name.clone(), path).map_err(|error| unreadable(&name, error))
    }

    fn begin(name: String, path: Option<&Path>) -> io::Result<Source> {
        let kept = || tempfile::spooled_tempfile(KEPT_IN_MEMORY_BYTES);
        let mut input = match path {
            None => Input::Pipe(Box::new(io::stdin().lock()), kept()),
            Some(path) => {
                let file = File::open(path)?;
                if file.metadata()?.is_file() {
                    Input::File(file)
                } else {
                    Input::Pipe(Box::new(file), kept())
                }
            }
        };
        let mut beginning = Vec::new();
        let reader: &mut dyn Read = match &mut input {
            Input::File(file) => file,
            Input::Pipe(input, _) => input,
        };
        reader.take(import::LOOKED_AT_BYTES).read_to_end(&mut beginning)?;
        Ok(Source { name, beginning, input })
    }

    /// The name of it, for messages.
    pub(super) fn name(&self) -> &str {
        &self.name
    }

    /// The form that it has by its content.
    pub(super) fn format(&self) -> Result<Format, ImportError> {
        import::detect(&self.beginning).map_err(|problem| ImportError {
            name: self.name.clone(),
            line: 0,
            problem,
        })
    }

    /// Reads it, and keeps what is read, so that it can be read [again](Source::again).
    pub(super) fn first(&mut self) -> Result<Box<dyn BufRead + '_>, ImportError> {
        let Source { name, beginning, input } = self;
        match input {
            Input::File(file) => {
                file.rewind().map_err(|error| unreadable(name, error))?;
                Ok(Box::new(BufReader::new(file)))
            }
            Input::Pipe(input, kept) => {
                keep(kept, beginning).map_err(|error| unreadable(name, error))?;
                Ok(Box::new(Cursor::new(beginning).chain(BufReader::new(Keeping { input, kept }))))
            }
        }
    }

    /// Reads it after [`Source::first`], from the beginning: what was kept, and what was not read yet.
    pub(super) fn again(self) -> Result<Box<dyn BufRead>, ImportError> {
        match self.input {
            Input::File(mut file) => {
                file.rewind().map_err(|error| unreadable(&self.name, error))?;
                Ok(Box::new(BufReader::new(file)))
            }
            Input::Pipe(input, mut kept) => {
                kept.rewind().map_err(|error| unreadable(&self.name, error))?;
                Ok(Box::new(BufReader::new(kept.chain(input))))
            }
        }
    }

    /// Reads it the only time.
    pub(super) fn once(self) -> Result<Box<dyn BufRead>, ImportError> {
        match self.input {
            Input::File(_) => self.again(),
            Input::Pipe(input, _) => Ok(Box::new(BufReader::new(Cursor::new(self.beginning).chain(input)))),
        }
    }
}

/// Reads, and keeps what it read.
struct Keeping<'a> {
    input: &'a mut dyn Read,
    kept: &'a mut SpooledTempFile,
}

impl Read for Keeping<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.input.read(buffer)?;
        keep(self.kept, &buffer[..read])?;
        Ok(read)
    }
}

fn keep(kept: &mut SpooledTempFile, bytes: &[u8]) -> io::Result<()> {
    kept.write_all(bytes).map_err(|error| {
        let place = std::env::temp_dir();
        io::Error::new(error.kind(), format!("no copy can be kept in {}: {error}", place.display()))
    })
}

fn unreadable(name: &str, error: io::Error) -> ImportError {
    ImportError { name: name.to_owned(), line: 0, problem: error.into() }
}
