//! A picture with areas to press, and what stands for it where a platform has none.

use super::{Loss, Planner, plain};
use crate::{Button, Feature, ImageArea, Imagemap, MediaKind, Part, Picture};

impl Planner<'_> {
    /// Shown as it is where the platform has such a thing and the picture lies in the widths that it asks for.
    pub(super) fn add_imagemap(&mut self, imagemap: &Imagemap) {
        if self.caps.has(Feature::Imagemap) && imagemap.base_url.is_some() {
            return self.done.shown.push(plain(Part::Imagemap { imagemap: imagemap.clone() }));
        }
        self.lose(Loss::ImagemapUnpacked);
        match &imagemap.picture {
            Picture::Url { url } => self.add_media(MediaKind::Image, url, ""),
            Picture::Blob { .. } => self.lose(Loss::PictureMissing),
        }
        let buttons: Vec<Button> = imagemap.areas.iter().map(ImageArea::button).collect();
        self.add_buttons(&imagemap.alt, &buttons);
    }
}
