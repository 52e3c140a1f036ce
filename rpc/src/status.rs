//! Errors of the store as statuses of gRPC, and back (etcd: `api/v3rpc/rpctypes/error.go`).

use revline_store::error::{Code, Error};
use tonic::Status;

/// The status of an error: etcd's text, with the code that the service gives it
/// ([`Call::error_code`](revline_store::frame::Call::error_code)).
pub fn status(error: Error, code: Code) -> Status {
    Status::new(tonic::Code::from_i32(code as i32), error.to_string())
}

/// The error that a status is of. Known by its text alone, as etcd's client knows it (`rpctypes.Error`): the lock and
/// election services pass the same texts on with another code.
pub fn error_of(status: &Status) -> Option<Error> {
    status.message().parse().ok()
}
