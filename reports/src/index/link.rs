//! Links to files in the folder of the report.

/// The address of a file beside the page: nothing in its name leads elsewhere.
pub(super) fn link(name: &str) -> String {
    name.bytes().fold(String::new(), |link, byte| match byte {
        b'-' | b'_' | b'.' | b'~' => link + &char::from(byte).to_string(),
        _ if byte.is_ascii_alphanumeric() => link + &char::from(byte).to_string(),
        _ => link + &format!("%{byte:02X}"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_one_file() {
        assert_eq!(link("steady-0.bundle.json"), "steady-0.bundle.json");
        assert_eq!(link("a b/../\"é"), "a%20b%2F..%2F%22%C3%A9");
        assert_eq!(link("javascript:alert(1)"), "javascript%3Aalert%281%29");
    }
}
