//! How much memory this process has used at most.

/// Peak resident memory in MiB, where the system says.
pub fn peak_mib() -> Option<u64> {
    kib("VmHWM:").map(|kib| kib / 1024)
}

/// Resident memory now in MiB, where the system says.
pub fn resident_mib() -> Option<f64> {
    kib("VmRSS:").map(|kib| kib as f64 / 1024.0)
}

fn kib(named: &str) -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with(named))?;
    line.split_whitespace().nth(1)?.parse().ok()
}

/// The peak for a table.
pub fn peak() -> String {
    peak_mib().map_or_else(|| "unknown".to_owned(), |mib| format!("{mib} MiB"))
}
