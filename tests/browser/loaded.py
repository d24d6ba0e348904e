"""What a review loads, loaded once for all servers of the browser tests."""

import uvicorn  # noqa: F401
import uvicorn.protocols.http.auto

import survrecon.analysis.cox
import survrecon.cli
import survrecon.digitizing.overlay
import survrecon.digitizing.raster.figure
import survrecon.digitizing.vector.figure
import survrecon.reconstruction.reconstruct
import survrecon.report.page
import survrecon.review.server
import survrecon.review.session  # noqa: F401
