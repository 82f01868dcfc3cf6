//! Names that some stores take for something else than a file of that name.

/// Devices of Windows, whatever is behind a dot.
const DEVICES: [&str; 6] = ["CON", "PRN", "AUX", "NUL", "CONIN$", "CONOUT$"];
/// With a digit: `COM1`, `LPT²`.
const PORTS: [&str; 2] = ["COM", "LPT"];
/// The resource fork of a file, on macOS.
const FORK: &str = "..namedfork";

/// Whether a store may open something else under this name: a device, a fork, or a file by its short name.
pub(crate) fn is_reserved(name: &str) -> bool {
    is_device(name) || is_short_name(name) || name.eq_ignore_ascii_case(FORK)
}

/// Windows opens the device also as `nul.txt`, and as `nul .txt`.
fn is_device(name: &str) -> bool {
    let base = name.split('.').next().unwrap_or_default().trim_end();
    let is_port = |port: &str| {
        let number = base.get(..port.len()).filter(|start| start.eq_ignore_ascii_case(port));
        let mut number = number.and_then(|_| base.get(port.len()..)).unwrap_or_default().chars();
        let digit = |letter: char| letter.is_ascii_digit() || matches!(letter, '¹' | '²' | '³');
        number.next().is_some_and(digit) && number.next().is_none()
    };
    DEVICES.iter().any(|device| base.eq_ignore_ascii_case(device)) || PORTS.into_iter().any(is_port)
}

/// `SECRET~1.TXT`: what FAT and NTFS also call a file with a longer name. A rule about the long one would not see it.
fn is_short_name(name: &str) -> bool {
    let (base, extension) = name.split_once('.').unwrap_or((name, ""));
    let Some((start, number)) = base.rsplit_once('~') else { return false };
    let is_number = !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit());
    let fits = base.chars().count() <= 8 && extension.chars().count() <= 3;
    is_number && fits && !start.is_empty() && !extension.contains('.')
}
