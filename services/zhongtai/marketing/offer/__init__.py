"""Offers (产品适配): which products a customer may have now, and every reason why not."""
