//! Conversions between the messages of a service and the variants of one type of the store.

/// Converts each message to a request of its kind, and back, from the list of the fields: those the wire and the store
/// have alike.
macro_rules! requests {
    ($Request:ident { $($Message:ident { $($field:ident),* } = $Variant:ident;)* }) => {
        $(
            impl From<etcdserverpb::$Message> for $Request {
                fn from(message: etcdserverpb::$Message) -> Self {
                    let etcdserverpb::$Message { $($field),* } = message;
                    Self::$Variant { $($field),* }
                }
            }

            impl TryFrom<$Request> for etcdserverpb::$Message {
                type Error = Unconvertible;

                fn try_from(request: $Request) -> Result<Self, Unconvertible> {
                    match request {
                        $Request::$Variant { $($field),* } => Ok(etcdserverpb::$Message { $($field),* }),
                        _ => Err(Unconvertible::OtherKind(stringify!($Message))),
                    }
                }
            }
        )*
    };
}

/// Converts each message to a response of its kind, and back, from the list of the fields beside the header.
macro_rules! responses {
    ($Response:ident { $($Message:ident { $($field:ident),* } = $Variant:ident;)* }) => {
        $(
            impl From<etcdserverpb::$Message> for $Response {
                fn from(message: etcdserverpb::$Message) -> Self {
                    let etcdserverpb::$Message { header, $($field),* } = message;
                    Self::$Variant { header: header_to_store(header), $($field),* }
                }
            }

            impl TryFrom<$Response> for etcdserverpb::$Message {
                type Error = Unconvertible;

                fn try_from(response: $Response) -> Result<Self, Unconvertible> {
                    match response {
                        $Response::$Variant { header, $($field),* } => {
                            Ok(etcdserverpb::$Message { header: header_to_wire(header), $($field),* })
                        }
                        _ => Err(Unconvertible::OtherKind(stringify!($Message))),
                    }
                }
            }
        )*
    };
}

pub(super) use {requests, responses};
