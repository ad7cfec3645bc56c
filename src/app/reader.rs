//! The language of whoever reads an answer: a request brings it, and sentences are made in it.

use crate::text::Locale;

tokio::task_local! {
    static LOCALE: Locale;
}

/// Does some work for a reader of a language.
pub async fn reading<T>(locale: Locale, work: impl Future<Output = T>) -> T {
    LOCALE.scope(locale, work).await
}

/// The language of whoever reads what is done now; English where nobody said so, as for the command
/// line and the worker.
pub(crate) fn locale() -> Locale {
    LOCALE.try_with(|locale| *locale).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn each_reader_has_a_language_and_nobody_has_english() {
        let told = reading(Locale::Is, async { locale() }).await;
        assert_eq!((told, locale()), (Locale::Is, Locale::En));
    }
}
