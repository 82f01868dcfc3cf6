//! Walks through a rotation of keys: `cargo run -p palisade-vault --example rotation`.
#![expect(clippy::print_stdout, reason = "it shows what it does")]

use std::error::Error;

use palisade_vault::{Context, Key, KeyRing, KeyVersion, Vault};

fn place(row: &str) -> Context<'_> {
    Context {
        tenant: "acme",
        table: "customers",
        column: "iban",
        row,
        purpose: "payout",
        revision: None,
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    let (old, new) = (Key::generate()?.expose_base64(), Key::generate()?.expose_base64());
    let (old, new) = (old.expose_str().unwrap_or_default(), new.expose_str().unwrap_or_default());

    let vault = Vault::new(KeyRing::parse(&format!("1:{old}"))?);
    let mut table = Vec::new();
    for row in ["41", "42"] {
        table.push((row, vault.seal_now(&place(row), format!("DE{row}").as_bytes())?));
    }
    println!("sealed: {table:?}");

    // Every instance learns the new key before any instance uses it.
    vault.keys().replace(KeyRing::parse(&format!("primary=1,2:{new},1:{old}"))?)?;
    vault.keys().replace(KeyRing::parse(&format!("2:{new},1:{old}"))?)?;

    for (row, sealed) in &mut table {
        if vault.needs_rewrap(sealed) {
            *sealed = vault.rewrap_now(&place(row), sealed)?;
        }
    }
    println!("rewrapped: {table:?}, {:?}", vault.keys().usage());

    // The old key is gone, and a value under it would be refused by name.
    let version = KeyVersion::new(2).ok_or("a version")?;
    vault.keys().replace(KeyRing::parse(&format!("2:{new}"))?.with_minimum(version)?)?;
    for (row, sealed) in &table {
        let opened = vault.open_now(&place(row), sealed)?;
        println!("row {row}: {:?}", opened.expose_str());
    }
    Ok(())
}
