"""The same as augmentation.cpp with albumentations 1.4.20 and numpy.   augmentation_peer.py CUTOUT.npy"""
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
    A.OneOf([A.HorizontalFlip(p=.8), A.VerticalFlip(p=.8), A.Transpose(p=.5)], p=.8),
    A.OneOf([A.RandomRotate90(p=.8), A.Rotate(limit=30, p=.8), A.ShiftScaleRotate(shift_limit=.15, scale_limit=.15, rotate_limit=45, p=.8)], p=.8),
    A.GaussianBlur(blur_limit=3, p=.5),
    A.OneOf([A.RandomBrightnessContrast(.2, .2, p=.6), A.RandomGamma((80, 120), p=.5), A.HueSaturationValue(20, 20, 20, p=.5)], p=.7),
])
cutout = np.ascontiguousarray(np.load(sys.argv[1]).transpose(1, 2, 0))
augment = microseconds(lambda: study(image=cutout))
read = microseconds(lambda: np.load(sys.argv[1]))
print(f"peer       augmentation {augment:7.1f} us   reading {read:6.1f} us   (albumentations {A.__version__}, numpy {np.__version__})")
