"""`python -m scalenet_tf.cli` is `scalenet`."""

from scalenet_tf.cli.main import main

main()
