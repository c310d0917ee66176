"""A site and the templates to the three documents: Dockerfile, stack, export file."""

from moorage.documents.exports import exports, exports_path
from moorage.documents.image import base_image, dockerfile, dockerfile_digest, image_reference
from moorage.documents.rendered import rendered
from moorage.documents.stack import placement_label, stack
from moorage.documents.volume import Volume, kernel_client, volume

__all__ = [
    "Volume",
    "base_image",
    "dockerfile",
    "dockerfile_digest",
    "exports",
    "exports_path",
    "image_reference",
    "kernel_client",
    "placement_label",
    "rendered",
    "stack",
    "volume",
]
