"""What every network shares: where it runs, how its weights are read, and what runs it.

    device.py       choose_device(): auto, cuda, mps or cpu, and the precision there;
                    fitting_batch(): as many items at once as memory has room for
    checkpoint.py   read_state_dict(), load_weights(): official weights, safely and strictly
    torchscript.py  the weights inside a TorchScript file, without running what else it holds
    network.py      open_network(): a module, ready to be called with numpy arrays, run by torch,
                    ONNX Runtime or OpenVINO, whichever is fastest and gives the same numbers
    graphs.py       exported graphs, kept beside the weights that they were made from

An engine describes its network by a `NetworkSpec` and calls what `open_network` returns:

    device = choose_device(options.device, options.precision)
    spec = NetworkSpec("gfpgan", make=lambda: load_weights(Gfpgan(), path, "GFPGAN 1.4"), ...)
    network = open_network(spec, device, options.runtime)
    (restored,) = network(faces)

Nothing here imports torch before it is needed.
"""
