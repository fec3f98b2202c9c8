"""A cloud on this computer: Compute's REST calls over HTTP on loopback, and machines that are real processes.

What is real: the client libraries that speak with it, OpenSSH, each machine's processes, its folder, its end. What is
simulated: the zones, their hardware, quotas and stock. Whoever is led here by an endpoint on loopback is told so.
"""

from __future__ import annotations

from vmops.loopback.cloud import Cloud as Cloud
from vmops.loopback.cloud import cloud as cloud
