//! The certificate is rotated while the broker works: the rotator as Lambda has it, Secrets
//! Manager played (`tests::secret_rotation`), Entra ID and Graph simulated, the clock moved.

mod refused;
mod stage;
mod whole;
