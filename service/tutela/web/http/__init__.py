"""HTTP itself: content negotiation, entity tags, request bodies, errors and disconnected clients."""
