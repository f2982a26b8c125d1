"""What the digits need beyond numpy: finding MNIST, preparing images, training."""
