//! Lambda's quotas, as AWS documents them ("Lambda quotas", "Configure Lambda function memory").

/// The longest buffered response: 6 MB and 100 bytes.
pub(crate) const WHOLE_LIMIT: u64 = 6 * 1024 * 1024 + 100;
/// The longest response through a load balancer: 1 MB.
pub(crate) const LOAD_BALANCER_LIMIT: u64 = 1024 * 1024;
/// The longest streamed response: 200 MB.
pub(crate) const STREAM_LIMIT: u64 = 200 * 1024 * 1024;
/// The largest memory size of a function, in MB.
pub(crate) const MOST_MEMORY_MB: u64 = 10_240;
/// The memory size at which a function has one full vCPU, in MB.
pub(crate) const WHOLE_CPU_MB: u64 = 1769;
/// The longest timeout of a function, in seconds.
pub(crate) const LONGEST_S: u64 = 900;
