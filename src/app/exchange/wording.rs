//! What serde says about a value, in the words that the API has for the same fault.

/// The fault in plain words; as it came, if it is none of those that people meet.
pub(super) fn plain(told: &str) -> String {
    if let Some(words) = told.strip_prefix("unknown variant `").and_then(variants) {
        return format!("must be one of: {words}");
    }
    let Some((found, expected)) = told.split_once(", expected ") else { return told.to_owned() };
    if let Some(number) = found.strip_prefix("invalid value: integer `") {
        let number = number.trim_end_matches('`');
        return bounds(number, expected).unwrap_or_else(|| told.to_owned());
    }
    let expected = match expected {
        "u8" | "u16" | "u32" | "u64" | "usize" | "i8" | "i16" | "i32" | "i64" => "a whole number",
        "f32" | "f64" => "a number",
        "a string" | "str" => "a text",
        "a boolean" => "true or false",
        "a sequence" => "a list",
        "a map" => "an object",
        other if other.starts_with("struct ") => "an object",
        _ => return told.to_owned(),
    };
    if found.starts_with("invalid type: ") {
        format!("must be {expected}")
    } else {
        told.to_owned()
    }
}

/// The names in "x`, expected one of `a`, `b`" or "x`, expected `a` or `b`".
fn variants(rest: &str) -> Option<String> {
    let (_, names) = rest.split_once("`, expected ")?;
    let names: Vec<&str> = names.split('`').skip(1).step_by(2).collect();
    (!names.is_empty()).then(|| names.join(", "))
}

/// Which end of its type a whole number lies beyond.
fn bounds(number: &str, kind: &str) -> Option<String> {
    let most = match kind {
        "u8" => u8::MAX.into(),
        "u16" => u16::MAX.into(),
        "u32" => u64::from(u32::MAX),
        "u64" | "usize" => u64::MAX,
        _ => return None,
    };
    let words = if number.starts_with('-') {
        "must be at least 0".to_owned()
    } else {
        format!("must be at most {most}")
    };
    Some(words)
}

#[cfg(test)]
mod tests {
    use super::plain;

    /// What is said about a text of JSON that is to be a `T`.
    fn said<T: serde::de::DeserializeOwned>(text: &str) -> String {
        let error = serde_json::from_str::<serde_json::Value>(text)
            .and_then(|value| serde_json::from_value::<T>(value).map(|_| ()))
            .unwrap_err();
        plain(&error.to_string())
    }

    #[test]
    fn a_fault_of_an_import_is_told_as_the_api_tells_it() {
        assert_eq!(said::<u32>("-1"), "must be at least 0");
        assert_eq!(said::<u8>("300"), "must be at most 255");
        assert_eq!(said::<u32>("\"x\""), "must be a whole number");
        assert_eq!(said::<String>("7"), "must be a text");
        assert_eq!(said::<Vec<u8>>("{}"), "must be a list");
        let kind = said::<crate::domain::absences::AbsenceKind>("\"ill\"");
        assert_eq!(kind, "must be one of: time_off, sick, calendar, internal, maintenance");
    }

    #[test]
    fn what_nobody_has_words_for_stays_as_it_is() {
        assert_eq!(plain("premature end of input"), "premature end of input");
    }
}
