//! The making of events from the rows of a list.

/// Makes the events of the list. Of each: its number, its name, its fields, in the order in which they are hashed, and its
/// words. The number, the kind of message (`[message]`) and at most three fields are hashed: they are part of every bundle.
/// Append, never renumber.
macro_rules! events {
    ($($(#[$about:meta])* $number:literal $Name:ident $([$message:ident])?
        { $($(#[$of:meta])* $field:ident: $Type:ty),* } $text:literal;)*) => {
        /// An event of a run: its fields have the particulars, the node of its [`Record`](super::Record) is the place.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Event {
            $(
                $(#[$about])*
                $Name {
                    $(
                        /// The kind of message, in the store's own words.
                        $message: &'static str,
                    )?
                    $($(#[$of])* $field: $Type,)*
                },
            )*
        }

        /// The numbers of all kinds, in the order of the list.
        #[cfg(test)]
        pub(super) const NUMBERS: &[u64] = &[$($number),*];

        impl Event {
            /// The number of its kind.
            pub(super) fn number(&self) -> u64 {
                match self {
                    $(Event::$Name { .. } => $number,)*
                }
            }

            /// The kind of message, for datagrams and frames; empty otherwise.
            pub(super) fn message(&self) -> &'static str {
                match *self {
                    $(Event::$Name { $($message,)? .. } => [$($message,)? ""][0],)*
                }
            }

            /// Its fields as numbers; 0 for those that it does not have.
            pub(super) fn words(&self) -> [u64; 3] {
                let mut words = [0; 3];
                match *self {
                    $(Event::$Name { $($field,)* .. } => {
                        let own: &[u64] = &[$($field.word()),*];
                        words[..own.len()].copy_from_slice(own);
                    })*
                }
                words
            }

            /// The name of its kind, in JSON.
            pub(super) fn name(&self) -> String {
                match self {
                    $(Event::$Name { .. } => snake_case(stringify!($Name)),)*
                }
            }

            /// Writes it in words.
            pub(super) fn write(&self, f: &mut fmt::Formatter<'_>, words: &Words<'_>) -> fmt::Result {
                match *self {
                    $(Event::$Name { $($message,)? $($field),* } => {
                        $(let $field = $field.shown(words);)*
                        write!(f, $text)
                    })*
                }
            }

            /// Writes its fields as members of a JSON object, each with a comma before it.
            pub(super) fn write_fields(&self, f: &mut fmt::Formatter<'_>, words: &Words<'_>) -> fmt::Result {
                match *self {
                    $(Event::$Name { $($message,)? $($field),* } => {
                        $(write!(f, ",\"{}\":\"{}\"", stringify!($message), $message)?;)?
                        $($field.write_field(stringify!($field), words, f)?;)*
                        let _ = words;
                        write!(f, "")
                    })*
                }
            }
        }
    };
}

/// `FrameSend` as `frame_send`.
pub(super) fn snake_case(name: &str) -> String {
    let mut snake = String::new();
    for letter in name.chars() {
        if letter.is_uppercase() && !snake.is_empty() {
            snake.push('_');
        }
        snake.extend(letter.to_lowercase());
    }
    snake
}

pub(super) use events;
