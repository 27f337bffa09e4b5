//! Embeds the files for browsers in the binary: every file under
//! `target/assets` (or `PARLOR_ASSETS`), uncompressed and compressed at the
//! highest level, with a hash of its content.
//!
//! It does not know what the files are for. A missing folder gives an empty
//! table, so that the crate builds before the widget does.
#![allow(clippy::print_stdout)] // cargo reads what a build script prints

use std::{
    env,
    error::Error,
    fmt::Write as _,
    fs,
    io::{self, Write as _},
    path::{Path, PathBuf},
};

use sha2::{Digest, Sha256};

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed=migrations");
    println!("cargo::rerun-if-env-changed=PARLOR_ASSETS");

    let out = PathBuf::from(env::var("OUT_DIR")?);
    let folder = match env::var_os("PARLOR_ASSETS") {
        Some(folder) => PathBuf::from(folder),
        None => Path::new(&env::var("CARGO_MANIFEST_DIR")?).join("../../target/assets"),
    };
    // Cargo would run the script on every build if a path that it watches were
    // missing.
    fs::create_dir_all(&folder)?;
    println!("cargo::rerun-if-changed={}", folder.display());

    let mut files = Vec::new();
    collect(&folder, "", &mut files)?;
    files.sort();

    let mut table = String::from("static EMBEDDED: &[Embedded] = &[\n");
    for (number, (name, path)) in files.iter().enumerate() {
        let bytes = fs::read(path)?;
        fs::write(out.join(format!("asset-{number}")), &bytes)?;
        let brotli = variant(&out, &format!("asset-{number}.br"), &bytes, brotli(&bytes)?)?;
        let gzip = variant(&out, &format!("asset-{number}.gz"), &bytes, gzip(&bytes)?)?;
        writeln!(
            table,
            "    Embedded {{ name: {name:?}, hash: {:?}, bytes: include_bytes!(concat!(env!(\"OUT_DIR\"), \"/asset-{number}\")), brotli: {brotli}, gzip: {gzip} }},",
            hash(&bytes),
        )?;
    }
    table.push_str("];\n");
    fs::write(out.join("assets.rs"), table)?;
    Ok(())
}

/// Collects the files under `folder` with their paths from its top, separated
/// by `/`.
fn collect(folder: &Path, prefix: &str, files: &mut Vec<(String, PathBuf)>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let name = format!("{prefix}{}", entry.file_name().to_string_lossy());
        if entry.file_type()?.is_dir() {
            collect(&entry.path(), &format!("{name}/"), files)?;
        } else {
            files.push((name, entry.path()));
        }
    }
    Ok(())
}

/// Writes a compressed form and returns the Rust expression for it; `None` when
/// it saves nothing, as with images.
fn variant(out: &Path, file: &str, whole: &[u8], packed: Vec<u8>) -> io::Result<String> {
    if packed.len() + packed.len() / 16 >= whole.len() {
        return Ok("None".to_owned());
    }
    fs::write(out.join(file), packed)?;
    Ok(format!(
        "Some(include_bytes!(concat!(env!(\"OUT_DIR\"), \"/{file}\")))"
    ))
}

fn brotli(bytes: &[u8]) -> io::Result<Vec<u8>> {
    let mut packed = Vec::new();
    let params = brotli::enc::BrotliEncoderParams {
        quality: 11,
        ..Default::default()
    };
    brotli::BrotliCompress(&mut &*bytes, &mut packed, &params)?;
    Ok(packed)
}

fn gzip(bytes: &[u8]) -> io::Result<Vec<u8>> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    encoder.write_all(bytes)?;
    encoder.finish()
}

/// 128 bits of SHA-256 are enough to distinguish contents.
fn hash(bytes: &[u8]) -> String {
    let mut hash = hex::encode(Sha256::digest(bytes));
    hash.truncate(32);
    hash
}
