"""What a review loads, loaded once for all servers of the browser tests."""

import uvicorn  # noqa: F401
import uvicorn.protocols.http.auto  # noqa: F401

import survrecon.analysis.cox  # noqa: F401
import survrecon.cli
import survrecon.digitizing.overlay  # noqa: F401
import survrecon.digitizing.raster.figure
import survrecon.digitizing.vector.figure
import survrecon.reconstruction.reconstruct
import survrecon.report.page
import survrecon.review.server
import survrecon.review.session  # noqa: F401
