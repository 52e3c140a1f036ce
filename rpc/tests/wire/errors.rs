//! Errors as statuses.

use revline_rpc::status::{error_of, status};
use revline_store::error::Error;
use tonic::{Code, Status};

#[test]
fn every_error_crosses_with_its_text_and_its_code() {
    for &error in Error::ALL {
        for code in [error.code(), error.code_by_service()] {
            let status = status(error, code);
            assert_eq!(status.message(), error.to_string());
            assert_eq!(status.code() as i32, code as i32, "{error}");
            let response = status.clone().into_http::<tonic::body::Body>();
            let headers = response.headers();
            let header = |name: &str| headers.get(name).unwrap().to_str().unwrap().to_owned();
            assert_eq!(header("grpc-status"), (code as i32).to_string());
            let received = Status::from_header_map(headers).unwrap();
            assert_eq!((received.code(), error_of(&received)), (status.code(), Some(error)));
        }
    }
}

#[test]
fn etcd_s_codes_are_those_of_grpc() {
    for (error, code) in [
        (Error::EmptyKey, Code::InvalidArgument),
        (Error::Compacted, Code::OutOfRange),
        (Error::NoSpace, Code::ResourceExhausted),
        (Error::LeaseNotFound, Code::NotFound),
        (Error::NotLeader, Code::FailedPrecondition),
        (Error::PermissionDenied, Code::PermissionDenied),
        (Error::InvalidAuthToken, Code::Unauthenticated),
        (Error::Corrupt, Code::DataLoss),
        (Error::NoLeader, Code::Unavailable),
        (Error::SessionExpired, Code::Unknown),
    ] {
        assert_eq!(status(error, error.code()).code(), code);
    }
}

#[test]
fn a_status_of_the_transport_is_of_no_error() {
    assert_eq!(error_of(&Status::unavailable("connection refused")), None);
}
