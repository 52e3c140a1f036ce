//! The time that a request may take, as it says itself (gRPC over HTTP/2, `grpc-timeout`).

use http::HeaderMap;
use std::time::Duration;

/// The header.
const TIMEOUT: &str = "grpc-timeout";

/// The most digits of a value.
const MAX_DIGITS: usize = 8;

/// Takes the time that a request may take, if it says so. One that cannot be read is none, as in tonic.
pub(super) fn take(headers: &mut HeaderMap) -> Option<Duration> {
    let value = headers.remove(TIMEOUT)?;
    let text = value.to_str().ok()?;
    let (digits, unit) = text.split_at_checked(text.len().checked_sub(1)?)?;
    if digits.len() > MAX_DIGITS || !digits.bytes().all(|digit| digit.is_ascii_digit()) {
        return None;
    }
    let value: u64 = digits.parse().ok()?;
    match unit {
        "H" => Some(Duration::from_secs(value * 3_600)),
        "M" => Some(Duration::from_secs(value * 60)),
        "S" => Some(Duration::from_secs(value)),
        "m" => Some(Duration::from_millis(value)),
        "u" => Some(Duration::from_micros(value)),
        "n" => Some(Duration::from_nanos(value)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::HeaderValue;

    #[test]
    fn a_timeout_has_a_value_and_a_unit() {
        let read = |text: &'static str| {
            let mut headers = HeaderMap::new();
            headers.insert(TIMEOUT, HeaderValue::from_static(text));
            take(&mut headers)
        };
        assert_eq!(take(&mut HeaderMap::new()), None);
        assert_eq!(read("42S"), Some(Duration::from_secs(42)));
        assert_eq!(read("3H"), Some(Duration::from_secs(10_800)));
        assert_eq!(read("100m"), Some(Duration::from_millis(100)));
        assert_eq!(read("1n"), Some(Duration::from_nanos(1)));
        for wrong in ["", "S", "1", "1s", "123456789S", "+1S", "-1S", "1.5S", " 1S"] {
            assert_eq!(read(wrong), None, "{wrong}");
        }
    }
}
