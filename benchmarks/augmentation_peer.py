"""The same as augmentation.cpp with albumentations 2.0.8 and numpy.   augmentation_peer.py CUTOUT.npy"""
import sys
import time
import warnings

import albumentations as A
import cv2
import numpy as np

warnings.simplefilter("ignore")
cv2.setNumThreads(0)


def microseconds(work, calls=500):
    best = 1e9
    for _ in range(10):
        start = time.thread_time()
        for _ in range(calls):
            work()
        best = min(best, time.thread_time() - start)
    return best / calls * 1e6


study = A.Compose([
    A.OneOf([A.HorizontalFlip(p=1), A.VerticalFlip(p=1), A.Transpose(p=1)], p=1),
    A.OneOf([A.RandomRotate90(p=1), A.Rotate(limit=30, p=1), A.ShiftScaleRotate(shift_limit=.15, scale_limit=.15, rotate_limit=45, p=1)], p=1),
    A.Blur(blur_limit=3, p=.3),
    A.OneOf([A.RandomBrightnessContrast(.2, .2, p=1), A.RandomGamma((80, 120), p=1), A.HueSaturationValue(20, 20, 20, p=1)], p=.5),
])
cutout = np.ascontiguousarray(np.load(sys.argv[1]).transpose(1, 2, 0))
augment = microseconds(lambda: study(image=cutout))
read = microseconds(lambda: np.load(sys.argv[1]))
print(f"peer       augmentation {augment:7.1f} us   reading {read:6.1f} us   (albumentations {A.__version__}, numpy {np.__version__})")
