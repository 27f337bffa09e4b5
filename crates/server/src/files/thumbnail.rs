//! Small pictures of images, made anew from the pixels: nothing of the file but
//! what is to be seen is in them.
//!
//! What must stay true: what a header claims costs nothing; nothing is decoded
//! that would take more than [`ALLOC_MAX_BYTES`].

use std::io::Cursor;

use image::{
    DynamicImage, ImageDecoder as _, ImageError, ImageFormat, ImageReader, Limits,
    codecs::jpeg::JpegEncoder, metadata::Orientation,
};

/// The longer side at most, on screens of one pixel a point: what a bubble of
/// a chat has room for. On dense screens it is twice as much.
const SMALL_PX: u32 = 320;
const LARGE_PX: u32 = 2 * SMALL_PX;

/// A camera of 50 megapixels; what has more is kept without thumbnails.
const PIXELS_MAX: u64 = 50_000_000;

/// A panorama.
const SIDE_MAX_PX: u32 = 32_000;

/// 50 million pixels of four bytes, and what a decoder needs beside them.
pub(super) const ALLOC_MAX_BYTES: u64 = 256 * 1024 * 1024;

const JPEG_QUALITY: u8 = 80;

/// An image's small ones.
#[derive(Debug)]
pub(super) struct Thumbnails {
    /// Of the image as it is seen, turned as its camera says.
    pub(super) width: u32,
    pub(super) height: u32,
    pub(super) content_type: &'static str,
    pub(super) small: Vec<u8>,
    pub(super) large: Vec<u8>,
}

/// It is not the image that it says it is.
#[derive(Debug)]
pub(super) struct Unreadable;

impl From<ImageError> for Unreadable {
    fn from(_: ImageError) -> Self {
        Self
    }
}

/// Types that are shown in a page: pixels and nothing else.
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

/// None for an image that is too large to be decoded.
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

/// Never larger than it is.
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
