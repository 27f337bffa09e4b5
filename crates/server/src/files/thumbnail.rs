//! Thumbnails, encoded anew from the pixels, so that they contain nothing of
//! the file but the visible image.
//!
//! What must stay true: an image's header alone cannot make the server allocate
//! memory; nothing is decoded that needs more than [`ALLOC_MAX_BYTES`].

use std::io::Cursor;

use image::{
    DynamicImage, ImageDecoder as _, ImageError, ImageFormat, ImageReader, Limits,
    codecs::jpeg::JpegEncoder, metadata::Orientation,
};

/// The longer side in pixels: the space in a chat bubble. Screens with a high
/// pixel density get twice as much.
const SMALL_PX: u32 = 320;
const LARGE_PX: u32 = 2 * SMALL_PX;

/// A 50-megapixel camera; larger images get no thumbnails.
const PIXELS_MAX: u64 = 50_000_000;

/// A panorama.
const SIDE_MAX_PX: u32 = 32_000;

/// 50 million pixels of four bytes, and what a decoder needs besides.
pub(super) const ALLOC_MAX_BYTES: u64 = 256 * 1024 * 1024;

const JPEG_QUALITY: u8 = 80;

/// The thumbnails of an image.
#[derive(Debug)]
pub(super) struct Thumbnails {
    /// The size of the image after applying its orientation.
    pub(super) width: u32,
    pub(super) height: u32,
    pub(super) content_type: &'static str,
    pub(super) small: Vec<u8>,
    pub(super) large: Vec<u8>,
}

/// The image cannot be decoded.
#[derive(Debug)]
pub(super) struct Unreadable;

impl From<ImageError> for Unreadable {
    fn from(_: ImageError) -> Self {
        Self
    }
}

/// Whether the type is a raster image, which may be shown in a page.
pub(crate) fn is_raster(content_type: &str) -> bool {
    format(content_type).is_some()
}

fn format(content_type: &str) -> Option<ImageFormat> {
    match content_type {
        "image/png" => Some(ImageFormat::Png),
        "image/jpeg" => Some(ImageFormat::Jpeg),
        "image/gif" => Some(ImageFormat::Gif),
        "image/webp" => Some(ImageFormat::WebP),
        _ => None,
    }
}

/// Makes the thumbnails; `None` for an image that is too large to decode.
///
/// # Errors
/// [`Unreadable`] for an image that cannot be decoded.
pub(super) fn make(bytes: &[u8], content_type: &str) -> Result<Option<Thumbnails>, Unreadable> {
    let Some(format) = format(content_type) else {
        return Ok(None);
    };
    let Some((image, orientation)) = decode(bytes, format)? else {
        return Ok(None);
    };
    let (mut width, mut height) = (image.width(), image.height());
    let mut large = shrunk(&image, LARGE_PX);
    drop(image);
    large.apply_orientation(orientation);
    if turns(orientation) {
        (width, height) = (height, width);
    }
    let small = shrunk(&large, SMALL_PX);
    let (content_type, encode): (_, fn(&DynamicImage) -> _) = match large.color().has_alpha() {
        true => ("image/png", png),
        false => ("image/jpeg", jpeg),
    };
    Ok(Some(Thumbnails {
        width,
        height,
        content_type,
        small: encode(&small)?,
        large: encode(&large)?,
    }))
}

fn decode(
    bytes: &[u8],
    format: ImageFormat,
) -> Result<Option<(DynamicImage, Orientation)>, Unreadable> {
    let mut limits = Limits::default();
    limits.max_image_width = Some(SIDE_MAX_PX);
    limits.max_image_height = Some(SIDE_MAX_PX);
    limits.max_alloc = Some(ALLOC_MAX_BYTES);
    let mut reader = ImageReader::with_format(Cursor::new(bytes), format);
    reader.limits(limits);
    let mut decoder = match reader.into_decoder() {
        Err(ImageError::Limits(_)) => return Ok(None),
        other => other?,
    };
    let (width, height) = decoder.dimensions();
    if u64::from(width) * u64::from(height) > PIXELS_MAX || decoder.total_bytes() > ALLOC_MAX_BYTES
    {
        return Ok(None);
    }
    let orientation = decoder.orientation().unwrap_or(Orientation::NoTransforms);
    match DynamicImage::from_decoder(decoder) {
        Err(ImageError::Limits(_)) => Ok(None),
        image => Ok(Some((image?, orientation))),
    }
}

/// Scales down, never up.
fn shrunk(image: &DynamicImage, side: u32) -> DynamicImage {
    match image.width().max(image.height()) > side {
        true => image.thumbnail(side, side),
        false => image.clone(),
    }
}

fn turns(orientation: Orientation) -> bool {
    matches!(
        orientation,
        Orientation::Rotate90
            | Orientation::Rotate270
            | Orientation::Rotate90FlipH
            | Orientation::Rotate270FlipH
    )
}

fn png(image: &DynamicImage) -> Result<Vec<u8>, Unreadable> {
    let mut bytes = Vec::new();
    image
        .to_rgba8()
        .write_to(&mut Cursor::new(&mut bytes), ImageFormat::Png)?;
    Ok(bytes)
}

fn jpeg(image: &DynamicImage) -> Result<Vec<u8>, Unreadable> {
    let mut bytes = Vec::new();
    let encoder = JpegEncoder::new_with_quality(&mut bytes, JPEG_QUALITY);
    image.to_rgb8().write_with_encoder(encoder)?;
    Ok(bytes)
}
