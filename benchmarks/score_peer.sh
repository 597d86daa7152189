# Sourced: `peer`, a Python that has torch, timm, numpy and safetensors: LENSFIND_PEER, else .venv with timm and safetensors beside it.
peer=${LENSFIND_PEER:-}
if [ -z "$peer" ]; then
  [ -d build/score-peer ] || python3 -m venv build/score-peer
  realpath .venv/lib/python3*/site-packages > "$(echo build/score-peer/lib/python3*/site-packages)/lensfind.pth"
  build/score-peer/bin/pip install -q timm==1.0.31 torchvision==0.28.0 safetensors
  peer=build/score-peer/bin/python
fi
