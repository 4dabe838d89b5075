"""Makes src/sdk/processing/selfie.tflite: the selfie segmentation model with the metadata that image segmenters ask for.

Run once, by hand, with the packages named here; the result is kept in the tree:

    npm pack @mediapipe/selfie_segmentation@0.1.1675465747    (Apache-2.0)
    pip install mediapipe==0.10.21                            (Apache-2.0)
    python selfie_model.py package/selfie_segmentation_landscape.tflite selfie.tflite

The network is the one of the package, unchanged. What is added are 304 bytes: pictures go in as 0 to 1
(mean 0, deviation 255), and what comes out is how sure it is of a "person". Four bytes of them are the time of day.
"""

import sys
from pathlib import Path

from mediapipe.tasks.python.metadata.metadata_writers import image_segmenter, metadata_writer

source, result = map(Path, sys.argv[1:3])
labels = metadata_writer.Labels().add(["person"])
writer = image_segmenter.MetadataWriter.create(bytearray(source.read_bytes()), [0.0], [255.0], labels)
model, _ = writer.populate()
result.write_bytes(model)
