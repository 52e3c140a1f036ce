//! Reading files of which nobody knows how large they are.

use std::fs::File;
use std::io::{self, ErrorKind, Read};
use std::path::Path;

/// Reads a text file of at most `limit_bytes`; refuses a larger one before it is read, or as soon as it is too long.
pub fn read(file: &Path, limit_bytes: u64) -> io::Result<String> {
    let handle = File::open(file)?;
    let found = handle.metadata()?;
    if found.is_dir() {
        return Err(io::Error::new(ErrorKind::IsADirectory, "is a directory, not a file"));
    }
    if found.is_file() && found.len() > limit_bytes {
        return Err(too_large(&format!("it has {} bytes", found.len()), limit_bytes));
    }
    let mut text = String::new();
    let read = handle.take(limit_bytes + 1).read_to_string(&mut text);
    // What is cut off in the middle of a character is too long all the same.
    match read {
        Ok(_) if text.len() as u64 <= limit_bytes => Ok(text),
        Ok(_) => Err(too_large("it has more", limit_bytes)),
        Err(error) if error.kind() == ErrorKind::InvalidData => {
            Err(io::Error::new(ErrorKind::InvalidData, "is no text: it is not UTF-8"))
        }
        Err(error) => Err(error),
    }
}

fn too_large(what: &str, limit_bytes: u64) -> io::Error {
    let message = format!("is too large: at most {limit_bytes} bytes are read, {what}");
    io::Error::new(ErrorKind::FileTooLarge, message)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_read_up_to_its_limit_and_no_further() {
        let place = tempfile::tempdir().unwrap();
        let file = place.path().join("a");
        std::fs::write(&file, "12345").unwrap();
        assert_eq!(read(&file, 5).unwrap(), "12345");
        let error = read(&file, 4).unwrap_err().to_string();
        assert_eq!(error, "is too large: at most 4 bytes are read, it has 5 bytes");
        std::fs::write(&file, [b'a', 0xff]).unwrap();
        assert!(read(&file, 5).unwrap_err().to_string().contains("UTF-8"));
        assert!(read(place.path(), 5).unwrap_err().to_string().contains("a directory"));
    }

    #[cfg(unix)]
    #[test]
    fn an_endless_file_is_refused() {
        let error = read(Path::new("/dev/zero"), 1 << 20).unwrap_err().to_string();
        assert_eq!(error, "is too large: at most 1048576 bytes are read, it has more");
    }
}
