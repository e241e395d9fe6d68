//! The little linear algebra that estimates need: dense matrices of a few columns, Cholesky and QR. Written out here
//! so that sums run in one fixed order and give the same bits on every machine; libraries choose by processor.

mod cholesky;
mod matrix;
mod qr;

pub(crate) use cholesky::Cholesky;
pub use matrix::Matrix;
pub(crate) use matrix::dot;
pub(crate) use qr::Qr;
